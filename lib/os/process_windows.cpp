// Windows has neither a descriptor limit to lift nor a signal for broken pipes.
#include "os/process.hpp"

namespace tunnel::os {

const int reload_signal = 0;
const char* const service_manager_name = "";

std::filesystem::path program_path() { return {}; }
const int status_signal = 0;

void prepare_process() {}

}  // namespace tunnel::os
