# A relay whose certificate is for another name gets no byte and delivers none, and both names are in the log.
from harness import Scenario, main
from harness.refusal import assert_refused


class WrongName(Scenario):
    def test_another_name_is_refused(self):
        identity = self.authority.issue("relay.example", "*.napter.example")
        assert_refused(self, identity, r"relay\.example.*not for localhost")

    def test_an_address_is_not_a_name(self):
        identity = self.authority.issue("localhost")
        assert_refused(self, identity, r"localhost.*not for 127\.0\.0\.1", host="127.0.0.1")

    def test_server_name_decides_what_is_checked(self):
        identity = self.authority.issue("localhost")
        assert_refused(self, identity, r"localhost.*not for relay\.example", server_name="relay.example")

    def test_a_wildcard_covers_one_label_only(self):
        identity = self.authority.issue("*.relay.example")
        assert_refused(self, identity, r"not for a\.b\.relay\.example", server_name="a.b.relay.example")

    def test_a_common_name_is_no_name(self):
        identity = self.authority.issue("other.example", common_name="localhost")
        assert_refused(self, identity, r"other\.example.*not for localhost")


main()
