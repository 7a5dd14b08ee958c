// Files of kinds that mbedTLS does not read.
#pragma once

namespace tunnel::test {

inline constexpr char ed25519_certificate[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBOjCB7aADAgECAhQTQNWh9fnEzJUEw/dCIMpGSN7ajDAFBgMrZXAwEjEQMA4G\n"
    "A1UEAwwHRm9yZWlnbjAgFw0yNjExMjkwOTI0NTZaGA8yMDgxMDkwMTA5MjQ1Nlow\n"
    "EjEQMA4GA1UEAwwHRm9yZWlnbjAqMAUGAytlcAMhAB/ruU334uPyVt7i11CSLxtn\n"
    "witup1aMIO1RK48A1aHNo1MwUTAdBgNVHQ4EFgQU/U5ZO2KuHvoS1zMWnC4VQ4P+\n"
    "o9MwHwYDVR0jBBgwFoAU/U5ZO2KuHvoS1zMWnC4VQ4P+o9MwDwYDVR0TAQH/BAUw\n"
    "AwEB/zAFBgMrZXADQQBALy3aBDszxCNYSdSB1Tjqq4FSRN9qnIgytpf7nQ66zALr\n"
    "QsQ1FBwAGqxHzseZx6641mPfHQcYSpexhK6w6XoF\n"
    "-----END CERTIFICATE-----\n";

inline constexpr char ed25519_key[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIEF7OL7MAQINk8ygxQ2kWVAHKZ4U9l5tXrSLC5zPUjLO\n"
    "-----END PRIVATE KEY-----\n";

}  // namespace tunnel::test
