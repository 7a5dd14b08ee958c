// Trust on Windows: CryptoAPI builds and evaluates a chain. A list of the ROOT store would not be
// enough, since Windows adds an authority only when a chain first needs it.
#include <winsock2.h>

#include <windows.h>

#include <wincrypt.h>

#include <array>
#include <cstdio>
#include <memory>
#include <type_traits>

#include "os/file/system_trust.hpp"

namespace tunnel::os {

namespace {

// Owners of CryptoAPI's objects.
struct Close {
  void operator()(const CERT_CONTEXT* certificate) const {
    CertFreeCertificateContext(certificate);
  }
  void operator()(const CERT_CHAIN_CONTEXT* chain) const { CertFreeCertificateChain(chain); }
  void operator()(void* store) const { CertCloseStore(store, 0); }
};
using Certificate = std::unique_ptr<const CERT_CONTEXT, Close>;
using BuiltChain = std::unique_ptr<const CERT_CHAIN_CONTEXT, Close>;
using Store = std::unique_ptr<std::remove_pointer_t<HCERTSTORE>, Close>;

const BYTE* bytes_of(const std::string& der) { return reinterpret_cast<const BYTE*>(der.data()); }
DWORD size_of(const std::string& der) { return static_cast<DWORD>(der.size()); }

Error library_failure(const char* what) {
  return {std::string(what) + " of Windows failed with error " + std::to_string(GetLastError())};
}

// The objection of the TLS policy to a chain.
std::string words_for(DWORD code) {
  switch (static_cast<HRESULT>(code)) {
    case CERT_E_UNTRUSTEDROOT:
      return "Windows does not trust the authority at its end";
    case CERT_E_CHAINING:
      return "Windows finds no authority at its end";
    case CERT_E_EXPIRED:
      return "Windows says that it is out of its time";
    case CERT_E_REVOKED:
    case CRYPT_E_REVOKED:
      return "Windows says that it was revoked";
    case CERT_E_WRONG_USAGE:
      return "Windows says that it is not for this use";
    case TRUST_E_CERT_SIGNATURE:
      return "Windows says that a signature is wrong";
    default: {
      std::array<char, 11> text{};
      std::snprintf(text.data(), text.size(), "0x%08lx", static_cast<unsigned long>(code));
      return std::string("Windows refuses it with ") + text.data();
    }
  }
}

Result<BuiltChain> build(const CERT_CONTEXT* leaf, HCERTSTORE others, bool peer_is_client) {
  // CryptoAPI takes the list as non-const, and does not write to it
  static char server[] = szOID_PKIX_KP_SERVER_AUTH;
  static char client[] = szOID_PKIX_KP_CLIENT_AUTH;
  std::array<LPSTR, 1> usages = {peer_is_client ? client : server};
  CERT_CHAIN_PARA wanted{};
  wanted.cbSize = sizeof wanted;
  wanted.RequestedUsage.dwType = USAGE_MATCH_TYPE_AND;
  wanted.RequestedUsage.Usage.cUsageIdentifier = static_cast<DWORD>(usages.size());
  wanted.RequestedUsage.Usage.rgpszUsageIdentifier = usages.data();
#if defined(CERT_CHAIN_PARA_HAS_EXTRA_FIELDS)
  // a short wait for an authority that Windows fetches
  wanted.dwUrlRetrievalTimeout = 5000;
#endif
  const CERT_CHAIN_CONTEXT* chain = nullptr;
  if (!CertGetCertificateChain(nullptr, leaf, nullptr, others, &wanted, 0, nullptr, &chain))
    return library_failure("CertGetCertificateChain");
  return BuiltChain(chain);
}

Result<Chain> judge(const Chain& presented, bool peer_is_client) {
  if (presented.empty()) return Error{"there is no certificate"};
  constexpr DWORD encoding = X509_ASN_ENCODING | PKCS_7_ASN_ENCODING;
  const Store store(CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, nullptr));
  if (!store) return library_failure("CertOpenStore");
  // an unreadable intermediate can't vouch for another certificate
  for (std::size_t i = 1; i < presented.size(); ++i)
    CertAddEncodedCertificateToStore(store.get(), encoding, bytes_of(presented[i]),
                                     size_of(presented[i]), CERT_STORE_ADD_ALWAYS, nullptr);
  const Certificate leaf(
      CertCreateCertificateContext(encoding, bytes_of(presented[0]), size_of(presented[0])));
  if (!leaf) return library_failure("CertCreateCertificateContext");
  const auto chain = build(leaf.get(), store.get(), peer_is_client);
  if (!chain) return chain.error();

  SSL_EXTRA_CERT_CHAIN_POLICY_PARA tls{};
  tls.cbSize = sizeof tls;
  tls.dwAuthType = peer_is_client ? AUTHTYPE_CLIENT : AUTHTYPE_SERVER;
  // the caller checks names; the flag is from wininet.h
  constexpr DWORD ignore_cert_cn_invalid = 0x00001000;
  tls.fdwChecks = ignore_cert_cn_invalid;
  CERT_CHAIN_POLICY_PARA policy{};
  policy.cbSize = sizeof policy;
  policy.pvExtraPolicyPara = &tls;
  CERT_CHAIN_POLICY_STATUS status{};
  status.cbSize = sizeof status;
  if (!CertVerifyCertificateChainPolicy(CERT_CHAIN_POLICY_SSL, chain->get(), &policy, &status))
    return library_failure("CertVerifyCertificateChainPolicy");
  if (status.dwError != 0) return Error{words_for(status.dwError)};
  // the policy checks these too, but they are too important to rely on it
  constexpr DWORD never = CERT_TRUST_IS_UNTRUSTED_ROOT | CERT_TRUST_IS_NOT_SIGNATURE_VALID |
                          CERT_TRUST_IS_REVOKED | CERT_TRUST_IS_EXPLICIT_DISTRUST;
  const CERT_CHAIN_CONTEXT& built = **chain;
  if ((built.TrustStatus.dwErrorStatus & CERT_TRUST_IS_PARTIAL_CHAIN) != 0)
    return Error{words_for(static_cast<DWORD>(CERT_E_CHAINING))};
  if ((built.TrustStatus.dwErrorStatus & never) != 0 || built.cChain != 1)
    return Error{words_for(static_cast<DWORD>(CERT_E_UNTRUSTEDROOT))};

  Chain path;
  const CERT_SIMPLE_CHAIN& simple = *built.rgpChain[0];
  for (DWORD i = 0; i < simple.cElement; ++i) {
    const CERT_CONTEXT& one = *simple.rgpElement[i]->pCertContext;
    path.emplace_back(reinterpret_cast<const char*>(one.pbCertEncoded), one.cbCertEncoded);
  }
  return path;
}

}  // namespace

Result<SystemTrust> system_trust() { return SystemTrust{.judge = judge}; }

std::string how_to_install_trust() { return "check the system's certificate store"; }

}  // namespace tunnel::os
