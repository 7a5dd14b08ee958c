// What this program uses of the Security framework's public interface, for builds without Apple's SDK.
#pragma once

#include <CoreFoundation/CoreFoundation.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct __SecCertificate* SecCertificateRef;
typedef struct __SecPolicy* SecPolicyRef;
typedef struct __SecTrust* SecTrustRef;

enum { errSecSuccess = 0 };

SecCertificateRef SecCertificateCreateWithData(CFAllocatorRef allocator, CFDataRef der);
CFDataRef SecCertificateCopyData(SecCertificateRef certificate);
SecPolicyRef SecPolicyCreateSSL(Boolean server, CFStringRef host);
OSStatus SecTrustCreateWithCertificates(CFTypeRef certificates, CFTypeRef policies, SecTrustRef* trust);
bool SecTrustEvaluateWithError(SecTrustRef trust, CFErrorRef* error);
CFArrayRef SecTrustCopyCertificateChain(SecTrustRef trust);

#ifdef __cplusplus
}
#endif
