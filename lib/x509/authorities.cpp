// Loading authorities: files and folders of PEM and DER, each certificate once.
#include "x509/authorities.hpp"

#include <fmt/format.h>

#include <mbedtls/oid.h>
#include <mbedtls/pk.h>

#include <algorithm>
#include <set>

#include "base/file.hpp"
#include "base/path.hpp"
#include "x509/certificates.hpp"
#include "x509/der.hpp"
#include "x509/extensions.hpp"
#include "x509/file_kind.hpp"
#include "x509/pem.hpp"

namespace tunnel::x509 {

namespace {

namespace fs = std::filesystem;

// The extensions that mbedTLS does not know.
int take_extension(void*, const mbedtls_x509_crt*, const mbedtls_x509_buf* oid, int critical,
                   const unsigned char*, const unsigned char*) {
  if (critical == 0 || view_of(*oid) == oid_of(MBEDTLS_OID_NAME_CONSTRAINTS)) return 0;
  return MBEDTLS_ERR_X509_FEATURE_UNAVAILABLE;
}

int parse_code(mbedtls_x509_crt* list, const std::string& der) {
  constexpr int make_copy = 1;
  return mbedtls_x509_crt_parse_der_with_ext_cb(list,
                                                reinterpret_cast<const unsigned char*>(der.data()),
                                                der.size(), make_copy, take_extension, nullptr);
}

bool parse(mbedtls_x509_crt* list, const std::string& der) { return parse_code(list, der) == 0; }

// Why no certificate of the file can be used.
Error why_none(const std::string& bytes, const fs::path& path) {
  const auto found = certificates_in(bytes);
  Certificates first;
  const int code = parse_code(&first.chain, found.empty() ? bytes : found.front());
  return explain_file(bytes, shown(path), Wanted::authority, code);
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t out = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + part.size()))
    ++out;
  return out;
}

class Loader {
 public:
  // How many certificates in the file can be used. A folder with links by hash, as distributions
  // have it beside a bundle, holds each certificate up to three times: parsing is for new ones.
  std::size_t add_file(const std::string& bytes) {
    if (bytes.find("-----BEGIN ") == bytes.npos) return add(bytes) ? 1 : 0;
    const auto found = certificates_in(bytes);
    return static_cast<std::size_t>(std::count_if(
        found.begin(), found.end(), [&](const std::string& der) { return add(der); }));
  }

  // Whether it can be used, and so is among the authorities from now on.
  bool add(const std::string& der) {
    if (seen_.contains(der)) return true;
    if (!parse(last_, der)) return false;
    if (last_->next != nullptr) last_ = last_->next;
    seen_.insert(der);
    return true;
  }

  std::shared_ptr<const Certificates> result() const { return out_; }

 private:
  std::shared_ptr<Certificates> out_ = std::make_shared<Certificates>();
  mbedtls_x509_crt* last_ = &out_->chain;  // mbedTLS walks to the end of the list from where we say
  std::set<std::string> seen_;
};

}  // namespace

Result<std::monostate> check_whole(const fs::path& path, const os::FileView& files) {
  const auto file = files.is_folder(path) ? std::nullopt : files.read(path);
  if (!file) return std::monostate{};
  const auto found = certificates_in(*file);
  std::size_t damaged = count(*file, "-----BEGIN CERTIFICATE-----") - found.size();
  // what is whole may still be of a kind that mbedTLS doesn't read, and is passed over
  for (const std::string& der : found)
    if (!is_well_formed(der)) ++damaged;
  if (damaged == 0) return std::monostate{};
  return Error{fmt::format("{} of the certificates in {} cannot be read", damaged, shown(path)),
               "get the file again; each must be whole, from its -----BEGIN line to its -----END "
               "line"};
}

bool add_certificate(Certificates& list, const std::string& der) { return parse(&list.chain, der); }

Result<std::shared_ptr<const Certificates>> load_authorities(const std::vector<fs::path>& paths) {
  os::SystemTrust trust;
  trust.paths = paths;
  return load_authorities(trust);
}

Result<std::shared_ptr<const Certificates>> load_authorities(const os::SystemTrust& trust,
                                                             const os::FileView& files) {
  Loader loader;
  for (const fs::path& path : trust.paths) {
    std::size_t added = 0;
    if (files.is_folder(path)) {
      std::error_code ignored;
      for (const fs::path& name : files.files_in(path, ignored))
        if (const auto file = files.read(name)) added += loader.add_file(*file);
      if (added == 0)
        return Error{fmt::format("no file in the folder {} holds a certificate", shown(path)),
                     "put the authority's PEM file there"};
    } else {
      const auto file = files.read(path);
      if (!file) return files.why_unreadable(path).value_or(why_unreadable(path));
      added = loader.add_file(*file);
      if (added == 0) return why_none(*file, path);
    }
  }
  for (const std::string& der : trust.certificates) loader.add(der);
  return loader.result();
}

Result<std::shared_ptr<const Certificates>> AuthorityCache::load(const os::SystemTrust& trust) {
  const Sources sources{trust.paths, trust.certificates};
  if (const auto known = loaded_.find(sources); known != loaded_.end()) return known->second;
  auto loaded = load_authorities(trust, files_);
  if (loaded) loaded_.emplace(sources, *loaded);
  return loaded;
}

}  // namespace tunnel::x509
