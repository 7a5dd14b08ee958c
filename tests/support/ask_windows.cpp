// Asks a running tunnel as an administrator would, for tests under Wine, whose sc.exe and shell
// cannot:
//   ask_windows event NAME          sets the named event
//   ask_windows paramchange NAME    tells the service that its parameters have changed
//   ask_windows session -           says "up", and stays until it is killed
//   ask_windows state NAME          prints the service's state: 1 is stopped, 4 is running
#include <windows.h>

#include <cstdio>
#include <string_view>

namespace {

int failed(const char* what) {
  std::fprintf(stderr, "%s: Windows says %lu\n", what, GetLastError());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const std::string_view what = argv[1];
  if (what == "event") {
    const HANDLE event = OpenEventA(EVENT_MODIFY_STATE, FALSE, argv[2]);
    return event != nullptr && SetEvent(event) != 0 ? 0 : failed("SetEvent");
  }
  if (what == "session") {
    std::puts("up");
    std::fflush(stdout);
    Sleep(INFINITE);
  }
  const SC_HANDLE manager = OpenSCManagerA(nullptr, nullptr, SC_MANAGER_CONNECT);
  const SC_HANDLE service =
      OpenServiceA(manager, argv[2], SERVICE_QUERY_STATUS | SERVICE_PAUSE_CONTINUE);
  SERVICE_STATUS status{};
  if (what == "state") {
    if (QueryServiceStatus(service, &status) == 0) return failed("QueryServiceStatus");
    std::printf("%lu\n", status.dwCurrentState);
    return 0;
  }
  return ControlService(service, SERVICE_CONTROL_PARAMCHANGE, &status) != 0
             ? 0
             : failed("ControlService");
}
