// Windows judges chains: refused without a trusted root, accepted with one in the user's store.
//
// Run under Wine alone: Windows asks the person at its screen before it adds a root.
#include <doctest/doctest.h>
#include <winsock2.h>

#include <windows.h>

#include <wincrypt.h>

#include "os/file/system_trust.hpp"
#include "support/chain.hpp"
#include "support/wording.hpp"

namespace tunnel::x509 {
namespace {

using test::Certificate;
using test::der_of;
using test::Key;
using test::make_certificate;

bool is_wine() {
  return GetProcAddress(GetModuleHandleA("ntdll.dll"), "wine_get_version") != nullptr;
}

// In the user's store of roots as long as it lives. The store is closed in between: Wine writes
// then.
class TrustedRoot {
 public:
  explicit TrustedRoot(std::string der) : der_(std::move(der)) {
    const Store store;
    REQUIRE(CertAddEncodedCertificateToStore(store.handle, X509_ASN_ENCODING, bytes(), size(),
                                             CERT_STORE_ADD_ALWAYS, nullptr));
  }
  ~TrustedRoot() {
    const Store store;
    const CERT_CONTEXT* wanted = CertCreateCertificateContext(X509_ASN_ENCODING, bytes(), size());
    CertDeleteCertificateFromStore(CertFindCertificateInStore(store.handle, X509_ASN_ENCODING, 0,
                                                              CERT_FIND_EXISTING, wanted, nullptr));
    CertFreeCertificateContext(wanted);
  }
  TrustedRoot(const TrustedRoot&) = delete;
  TrustedRoot& operator=(const TrustedRoot&) = delete;

 private:
  struct Store {
    ~Store() { CertCloseStore(handle, 0); }
    HCERTSTORE handle =
        CertOpenStore(CERT_STORE_PROV_SYSTEM_A, 0, 0, CERT_SYSTEM_STORE_CURRENT_USER, "Root");
  };

  const BYTE* bytes() const { return reinterpret_cast<const BYTE*>(der_.data()); }
  DWORD size() const { return static_cast<DWORD>(der_.size()); }

  std::string der_;
};

std::string verdict(const std::vector<const Certificate*>& presented, const std::string& name) {
  auto trust = os::system_trust();
  REQUIRE(trust);
  REQUIRE(trust->judge);
  Rules rules;
  rules.wording = test::wording();
  rules.authorities = std::make_shared<Certificates>();
  rules.system = trust->judge;
  std::vector<std::string> der;
  for (const Certificate* one : presented) der.push_back(der_of(*one));
  return test::verdict_of(der, rules, {name, false});
}

TEST_CASE("Windows vouches for those whose root is in its store, and for nobody else") {
  constexpr auto rsa = Key::Kind::rsa2048;
  const Certificate root =
      make_certificate({.subject = "CN=Test Root", .authority = true, .kind = rsa});
  const Certificate middle =
      make_certificate({.subject = "CN=Middle", .authority = true, .kind = rsa}, &root);
  const Certificate leaf = make_certificate({.names = {"relay.example"}, .kind = rsa}, &middle);
  const Certificate own = make_certificate({.names = {"relay.example"}, .kind = rsa});
  if (is_wine()) {
    // first, for Wine looks into the store once in a process
    const TrustedRoot trusted(der_of(root));
    CHECK_EQ(verdict({&leaf, &middle}, "relay.example"), "");
    // the rules beyond the chain are ours
    CHECK(verdict({&leaf, &middle}, "other.example").starts_with("the certificate is for"));
    // an intermediate that is not sent is not there
    CHECK_NE(verdict({&leaf}, "relay.example"), "");
    CHECK(verdict({&own}, "relay.example").find("is self-signed") != std::string::npos);
  } else {
    MESSAGE("not under Wine: no root is added to the user's store");
  }

  const Certificate stranger =
      make_certificate({.subject = "CN=Stranger", .authority = true, .kind = rsa});
  const Certificate strange =
      make_certificate({.names = {"relay.example"}, .kind = rsa}, &stranger);
  const std::string was_issued =
      "the certificate of relay.example:443 was issued by \"CN=Stranger\", which is not trusted "
      "here ";
  CHECK_EQ(test::without_pin(verdict({&strange}, "relay.example")),
           was_issued +
               "(Windows finds no authority at its end); name the issuer's certificate with "
               "ca = \"...\"; if it is, the server lacks its intermediate certificates");
  CHECK_EQ(test::without_pin(verdict({&strange, &stranger}, "relay.example")),
           was_issued +
               "(Windows does not trust the authority at its end); name the issuer's "
               "certificate with ca = \"...\"");
  CHECK(verdict({&own}, "relay.example").find("is self-signed") != std::string::npos);
}

}  // namespace
}  // namespace tunnel::x509
