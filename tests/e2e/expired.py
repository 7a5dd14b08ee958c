# A relay whose certificate has expired, or is not valid yet, gets no byte and delivers none.
from harness import Scenario, main
from harness.refusal import assert_refused


class Expired(Scenario):
    def test_an_expired_certificate_is_refused(self):
        assert_refused(self, self.authority.issue("localhost", days=(-30, -2)), r"expired")

    def test_a_certificate_of_the_future_is_refused(self):
        identity = self.authority.issue("localhost", days=(2, 30))
        assert_refused(self, identity, r"valid only from")


main()
