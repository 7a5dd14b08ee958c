// Trust on macOS: the Security framework builds and evaluates a chain, by the system's roots and
// the trust settings of the user and the administrator.
#include <CoreFoundation/CoreFoundation.h>
#include <Security/Security.h>

#include <memory>
#include <type_traits>
#include <vector>

#include "os/file/system_trust.hpp"

namespace tunnel::os {

namespace {

struct Release {
  void operator()(const void* object) const { CFRelease(object); }
};
// The result of a function named Create or Copy.
template <typename Ref>
using Owned = std::unique_ptr<std::remove_pointer_t<Ref>, Release>;

Owned<CFDataRef> data_of(const std::string& der) {
  return Owned<CFDataRef>(CFDataCreate(kCFAllocatorDefault,
                                       reinterpret_cast<const UInt8*>(der.data()),
                                       static_cast<CFIndex>(der.size())));
}

std::string text_of(CFStringRef text) {
  const CFIndex room =
      CFStringGetMaximumSizeForEncoding(CFStringGetLength(text), kCFStringEncodingUTF8) + 1;
  std::vector<char> bytes(static_cast<std::size_t>(room));
  return CFStringGetCString(text, bytes.data(), room, kCFStringEncodingUTF8) ? bytes.data() : "";
}

Result<Owned<SecTrustRef>> trust_of(const Chain& presented, bool peer_is_client) {
  const Owned<CFMutableArrayRef> certificates(
      CFArrayCreateMutable(kCFAllocatorDefault, 0, &kCFTypeArrayCallBacks));
  for (std::size_t i = 0; i < presented.size(); ++i) {
    const auto data = data_of(presented[i]);
    const Owned<SecCertificateRef> one(
        data ? SecCertificateCreateWithData(kCFAllocatorDefault, data.get()) : nullptr);
    // an unreadable intermediate can't vouch for another certificate
    if (one)
      CFArrayAppendValue(certificates.get(), one.get());
    else if (i == 0)
      return Error{"macOS cannot read it"};
  }
  // no host: the caller checks names
  const Owned<SecPolicyRef> policy(SecPolicyCreateSSL(!peer_is_client, nullptr));
  SecTrustRef trust = nullptr;
  if (!policy ||
      SecTrustCreateWithCertificates(certificates.get(), policy.get(), &trust) != errSecSuccess)
    return Error{"the Security framework of macOS does not look at it"};
  return Owned<SecTrustRef>(trust);
}

Result<Chain> judge(const Chain& presented, bool peer_is_client) {
  if (presented.empty()) return Error{"there is no certificate"};
  const auto trust = trust_of(presented, peer_is_client);
  if (!trust) return trust.error();
  CFErrorRef refusal = nullptr;
  if (!SecTrustEvaluateWithError(trust->get(), &refusal)) {
    const Owned<CFErrorRef> error(refusal);
    const Owned<CFStringRef> text(error ? CFErrorCopyDescription(error.get()) : nullptr);
    return Error{text ? "macOS: " + text_of(text.get()) : "macOS does not trust it"};
  }
  Chain path;
  const Owned<CFArrayRef> built(SecTrustCopyCertificateChain(trust->get()));  // macOS 12
  for (CFIndex i = 0; built && i < CFArrayGetCount(built.get()); ++i) {
    // CFArray holds pointers to const, and this function takes one to non-const
    const auto one =
        static_cast<SecCertificateRef>(const_cast<void*>(CFArrayGetValueAtIndex(built.get(), i)));
    const Owned<CFDataRef> data(SecCertificateCopyData(one));
    if (!data) return Error{"macOS does not show the chain that it trusts"};
    path.emplace_back(reinterpret_cast<const char*>(CFDataGetBytePtr(data.get())),
                      static_cast<std::size_t>(CFDataGetLength(data.get())));
  }
  if (path.empty()) return Error{"macOS does not show the chain that it trusts"};
  return path;
}

}  // namespace

Result<SystemTrust> system_trust() { return SystemTrust{.judge = judge}; }

std::string how_to_install_trust() { return "check the system's certificate store"; }

}  // namespace tunnel::os
