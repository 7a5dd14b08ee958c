// Numbers of eight bytes in this machine's order, and strings behind their length: both ends are
// one program.
#include "server/keeper_order.hpp"

#include <cstring>
#include <iterator>
#include <utility>

#include "base/path.hpp"

namespace tunnel {

namespace {

class Writer {
 public:
  void number(std::uint64_t value) {
    text_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void string(std::string_view value) {
    number(value.size());
    text_ += value;
  }
  std::string text() && { return std::move(text_); }

 private:
  std::string text_;
};

// Reads past the end are zero or empty, and make it bad.
class Reader {
 public:
  explicit Reader(std::string_view text) : left_(text) {}

  std::uint64_t number() {
    std::uint64_t value = 0;
    if (!has(sizeof value)) return 0;
    std::memcpy(&value, left_.data(), sizeof value);
    left_.remove_prefix(sizeof value);
    return value;
  }
  std::string string() {
    const std::uint64_t size = number();
    if (!has(size)) return {};
    const auto here = static_cast<std::size_t>(size);
    std::string out(left_.substr(0, here));
    left_.remove_prefix(here);
    return out;
  }
  // At least a byte of each element is still to come.
  std::uint64_t count() {
    const std::uint64_t value = number();
    return has(value) ? value : 0;
  }
  bool good() const { return good_ && left_.empty(); }

 private:
  bool has(std::uint64_t size) {
    good_ = good_ && size <= left_.size();
    return good_;
  }

  std::string_view left_;
  bool good_ = true;
};

void write(Writer& out, const os::FileCopies& files) {
  out.number(files.size());
  for (const auto& [path, copy] : files) {
    out.string(text_of(path));
    out.number(static_cast<std::uint64_t>(copy->kind));
    out.number(static_cast<std::uint64_t>(copy->error.value()));
    out.number(copy->others_can_read ? 1 : 0);
    out.string(copy->bytes);
  }
}

os::FileCopies read_files(Reader& in) {
  os::FileCopies out;
  for (std::uint64_t n = in.count(); n > 0; --n) {
    const auto copy = std::make_shared<os::FileCopy>();
    out[path_of(in.string())] = copy;
    copy->kind = static_cast<os::FileCopy::Kind>(in.number());
    copy->error = std::error_code(static_cast<int>(in.number()), std::generic_category());
    copy->others_can_read = in.number() != 0;
    copy->bytes = in.string();
  }
  return out;
}

}  // namespace

std::string encode(const KeeperOrder& order) {
  Writer out;
  out.number(static_cast<std::uint64_t>(order.kind));
  out.string(order.cause);
  write(out, order.files);
  out.number(order.changed.size());
  for (const auto& path : order.changed) out.string(text_of(path));
  out.number(order.listeners.size());
  for (const HandedAddress& address : order.listeners) {
    out.string(address.service);
    out.string(address.accept);
    out.number(address.everywhere ? 1 : 0);
    out.number(address.sockets.size());
  }
  out.number(order.refusals.size());
  for (const BindRefusal& refusal : order.refusals) {
    out.string(refusal.service);
    out.string(refusal.error.what);
    out.string(refusal.error.hint);
  }
  return std::move(out).text();
}

std::vector<os::NativeSocket> descriptors_of(const KeeperOrder& order) {
  std::vector<os::NativeSocket> out;
  for (const HandedAddress& address : order.listeners)
    out.insert(out.end(), address.sockets.begin(), address.sockets.end());
  return out;
}

std::optional<KeeperOrder> decode(std::string_view message,
                                  const std::vector<os::NativeSocket>& descriptors) {
  Reader in(message);
  KeeperOrder out;
  const std::uint64_t kind = in.number();
  out.kind = static_cast<KeeperOrder::Kind>(kind);
  out.cause = in.string();
  out.files = read_files(in);
  for (std::uint64_t n = in.count(); n > 0; --n) out.changed.push_back(path_of(in.string()));
  auto next = descriptors.begin();
  for (std::uint64_t n = in.count(); n > 0; --n) {
    HandedAddress address{in.string(), in.string(), false, {}};
    address.everywhere = in.number() != 0;
    const std::uint64_t sockets = in.number();
    if (sockets > static_cast<std::uint64_t>(std::distance(next, descriptors.end())))
      return std::nullopt;
    address.sockets.assign(next, next + static_cast<std::ptrdiff_t>(sockets));
    next += static_cast<std::ptrdiff_t>(sockets);
    out.listeners.push_back(std::move(address));
  }
  for (std::uint64_t n = in.count(); n > 0; --n) {
    BindRefusal refusal{in.string(), {in.string(), {}}};
    refusal.error.hint = in.string();
    out.refusals.push_back(std::move(refusal));
  }
  const bool known = kind <= static_cast<std::uint64_t>(KeeperOrder::Kind::adopt);
  if (!in.good() || !known || next != descriptors.end()) return std::nullopt;
  return out;
}

}  // namespace tunnel
