// The name service switch of glibc, see nsswitch.conf(5).
#include <dlfcn.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

#include "os/sandbox/name_services.hpp"

namespace tunnel::os {

void load_name_services() {
#if defined(__GLIBC__)
  std::ifstream file("/etc/nsswitch.conf");
  std::string line;
  while (std::getline(file, line)) {
    line.resize(std::min(line.find('#'), line.size()));
    std::istringstream words(line);
    std::string word;
    if (!(words >> word) || word != "hosts:") continue;
    // a word in brackets says what to do after the one before it
    while (words >> word)
      if (word.find_first_of("[]=/") == word.npos)
        dlopen(("libnss_" + word + ".so.2").c_str(), RTLD_NOW);
  }
#endif
}

}  // namespace tunnel::os
