// The trust store of Windows: what the ROOT store holds now.
#include <winsock2.h>

#include <windows.h>

#include <wincrypt.h>

#include "os/trust.hpp"

namespace tunnel::os {

Result<SystemTrust> system_trust() {
  HCERTSTORE store = CertOpenSystemStoreA(0, "ROOT");
  if (store == nullptr)
    return Error{"the ROOT store of Windows cannot be opened",
                 "name the authority with ca = \"...\""};
  SystemTrust trust;
  PCCERT_CONTEXT certificate = nullptr;
  while ((certificate = CertEnumCertificatesInStore(store, certificate)) != nullptr)
    trust.certificates.emplace_back(reinterpret_cast<const char*>(certificate->pbCertEncoded),
                                    certificate->cbCertEncoded);
  CertCloseStore(store, 0);
  if (trust.certificates.empty())
    return Error{"the ROOT store of Windows is empty", "name the authority with ca = \"...\""};
  return trust;
}

}  // namespace tunnel::os
