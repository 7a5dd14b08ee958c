# A relay with a certificate that is for clients, or for anything but servers, gets no byte and delivers none.
from harness import Scenario, main
from harness.refusal import assert_refused


class WrongKeyUsage(Scenario):
    def test_a_certificate_for_clients_is_refused(self):
        identity = self.authority.issue("localhost", usage="clientAuth")
        assert_refused(self, identity, r"usage|for a server|for servers|serverAuth|client")

    def test_a_certificate_without_server_usage_is_refused(self):
        identity = self.authority.issue("localhost", usage="codeSigning, emailProtection")
        assert_refused(self, identity, r"usage|for a server|for servers|serverAuth")


main()
