// Log sinks by the C library of Windows.
#include "os/file/log_output.hpp"

#include <fmt/format.h>
#include <share.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/path.hpp"

namespace tunnel::os {

namespace {

class Stream : public LogSink {
 public:
  explicit Stream(std::FILE* stream) : stream_(stream) {}
  ~Stream() override {
    if (stream_ != stderr) std::fclose(stream_);
  }

  Written write(std::string_view lines) override {
    Written out{std::fwrite(lines.data(), 1, lines.size(), stream_)};
    if (std::fflush(stream_) != 0) out.bytes = 0;
    if (out.bytes < lines.size()) {
      out.why = std::strerror(errno);
      std::clearerr(stream_);
    }
    return out;
  }

 private:
  std::FILE* const stream_;
};

}  // namespace

std::unique_ptr<LogSink> standard_error() { return std::make_unique<Stream>(stderr); }

Result<std::unique_ptr<LogSink>> log_file(const std::filesystem::path& path, Links) {
  std::FILE* stream = ::_wfsopen(path.c_str(), L"ab", _SH_DENYNO);
  if (stream == nullptr)
    return Error{fmt::format("cannot open the log file {}: {}", shown(path), std::strerror(errno)),
                 "create its folder, or choose another path"};
  return std::unique_ptr<LogSink>(std::make_unique<Stream>(stream));
}

}  // namespace tunnel::os
