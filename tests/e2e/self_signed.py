# A relay with a self-signed certificate gets no byte and delivers none.
from harness import Scenario, main, self_signed
from harness.refusal import assert_refused


class SelfSigned(Scenario):
    def test_a_self_signed_certificate_is_refused(self):
        assert_refused(self, self_signed(self.folder, "localhost"), r"self-signed|trust")


main()
