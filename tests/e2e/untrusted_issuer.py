# A relay whose certificate comes from a CA that is not trusted gets no byte and delivers none.
from harness import Authority, Scenario, main
from harness.refusal import assert_refused


class UntrustedIssuer(Scenario):
    def test_another_authority_is_refused(self):
        stranger = Authority(self.folder, "Stranger")
        assert_refused(self, stranger.issue("localhost"), r"trust|issuer|unknown|authority|\bca\b")

    def test_the_same_name_does_not_make_the_same_authority(self):
        impostor = Authority(self.folder, "Test Root")
        assert_refused(self, impostor.issue("localhost"), r"trust|issuer|unknown|authority|\bca\b")

    def test_an_intermediate_that_the_relay_forgot_to_send_is_refused(self):
        intermediate = Authority(self.folder, "Intermediate", parent=self.authority)
        identity = intermediate.issue("localhost", chain=False)
        assert_refused(self, identity, r"trust|issuer|unknown|authority|\bca\b")


main()
