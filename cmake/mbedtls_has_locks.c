/* Compiles only if mbedTLS was built with locks. */
#include <mbedtls/build_info.h>
#if !defined(MBEDTLS_THREADING_PTHREAD)
#error "built without MBEDTLS_THREADING_PTHREAD"
#endif
int main(void) { return 0; }
