// The TLS context of a service: from its configuration to options, and from their errors to
// mistakes.
#pragma once

#include <memory>

#include "config/config.hpp"
#include "config/reader.hpp"
#include "tls/context.hpp"

namespace tunnel {

tls::Options tls_options(const config::Service& service, const os::FileView& files = {});

// As tls::Context::make(); what is wrong is added to the mistakes, each at its place. Null for a
// service without TLS.
std::shared_ptr<const tls::Context> make_context(const config::Service& service,
                                                 config::Mistakes& mistakes,
                                                 const tls::Tuning& tuning = {},
                                                 x509::AuthorityCache* cache = nullptr,
                                                 const os::FileView& files = {});

}  // namespace tunnel
