// Loading and reading lists of revoked certificates.
#include "x509/revocation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "base/file.hpp"
#include "base/path.hpp"
#include "x509/der.hpp"
#include "x509/file_kind.hpp"
#include "x509/pk_compat.hpp"
#include "x509/x509_time.hpp"

namespace tunnel::x509 {

Result<std::shared_ptr<const RevocationLists>> load_revocation_lists(
    const std::filesystem::path& path, const os::FileView& files) {
  const std::string name = shown(path);
  auto file = files.read(path);
  if (!file) return files.why_unreadable(path).value_or(why_unreadable(path));
  std::string& bytes = *file;
  const bool pem = bytes.find("-----BEGIN ") != bytes.npos;
  // mbedTLS would look for another list in what follows the last, such as a blank line
  if (const std::size_t end = bytes.rfind("-----END "); pem && end != bytes.npos)
    bytes.resize(std::min(bytes.find('\n', end), bytes.size()));
  auto out = std::make_shared<RevocationLists>();
  const int ret =
      mbedtls_x509_crl_parse(&out->first, reinterpret_cast<const unsigned char*>(bytes.c_str()),
                             bytes.size() + (pem ? 1 : 0));
  if (ret == unknown_critical_extension)
    return Error{fmt::format("{} is a list of changes or for some certificates only", name),
                 "name the authority's full list"};
  if (ret != 0 || out->first.version == 0)
    return explain_file(bytes, name, Wanted::revocation_list, ret);
  return std::shared_ptr<const RevocationLists>(out);
}

const mbedtls_x509_crl* list_for(const RevocationLists& lists,
                                 const mbedtls_x509_crt& certificate) {
  const mbedtls_x509_crl* found = nullptr;
  for (const auto* list = &lists.first; list != nullptr; list = list->next)
    if (list->version != 0 && view_of(list->issuer_raw) == view_of(certificate.issuer_raw) &&
        (found == nullptr || time_of(list->next_update) < time_of(found->next_update)))
      found = list;
  return found;
}

const mbedtls_x509_time* revoked_at(const RevocationLists& lists,
                                    const mbedtls_x509_crt& certificate) {
  for (const auto* list = &lists.first; list != nullptr; list = list->next) {
    if (view_of(list->issuer_raw) != view_of(certificate.issuer_raw)) continue;
    for (const auto* entry = &list->entry; entry != nullptr; entry = entry->next)
      if (entry->serial.len != 0 && view_of(entry->serial) == view_of(certificate.serial))
        return &entry->revocation_date;
  }
  return nullptr;
}

}  // namespace tunnel::x509
