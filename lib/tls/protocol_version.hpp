// The versions of TLS that are spoken here.
#pragma once

namespace tunnel::tls {

enum class Version { tls12, tls13 };

}  // namespace tunnel::tls
