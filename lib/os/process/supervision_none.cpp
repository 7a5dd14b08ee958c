// For systems where the program is one process.
#include "os/process/control_socket.hpp"
#include "os/process/supervision.hpp"

namespace tunnel::os {

namespace {

Error unsupported() { return {"there is no worker process on this system", ""}; }

}  // namespace

Result<std::pair<ControlSocket, ControlSocket>> ControlSocket::pair() { return unsupported(); }
std::optional<ControlSocket> ControlSocket::inherited(const char*) { return std::nullopt; }
ControlSocket::ControlSocket(ControlSocket&&) noexcept : socket_() {}
ControlSocket& ControlSocket::operator=(ControlSocket&&) noexcept { return *this; }
ControlSocket::~ControlSocket() = default;
bool ControlSocket::send(std::string_view, const std::vector<NativeSocket>&) const { return false; }
std::optional<ControlSocket::Message> ControlSocket::receive() const { return std::nullopt; }
bool ControlSocket::send_packet(std::string_view) const { return false; }
std::string ControlSocket::receive_packet() const { return {}; }
void ControlSocket::end() const {}

bool supports_supervision() { return false; }
void hold_signals() {}
Result<int> fork_worker() { return unsupported(); }
SupervisionEvent wait_for_event(const ControlSocket*, const ControlSocket*,
                                std::optional<std::chrono::milliseconds>) {
  return {SupervisionEvent::Kind::stop, ""};
}
Result<int> start_again(const std::filesystem::path&, const ControlSocket&, const char*,
                        const std::vector<std::string>&) {
  return unsupported();
}
void set_title(std::string_view) {}
void kill_process(int) {}
std::optional<Ended> ended_process() { return std::nullopt; }
void become_worker(std::string_view) {}

}  // namespace tunnel::os
