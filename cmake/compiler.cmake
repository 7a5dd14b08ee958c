# Compiler options: sanitizers and hardening for all code, warnings for ours.
include(CheckCXXCompilerFlag)
include(CheckLinkerFlag)
include(CheckPIESupported)

# Adds each flag that this compiler knows, for both C and C++.
function(_add_known_compile_options)
  set(CMAKE_REQUIRED_FLAGS -Werror)  # clang only warns of one that does nothing on this processor
  foreach(flag IN LISTS ARGN)
    string(MAKE_C_IDENTIFIER "COMPILER_KNOWS${flag}" known)
    check_cxx_compiler_flag("${flag}" ${known})
    if(${known})
      add_compile_options("${flag}")
    endif()
  endforeach()
endfunction()

function(_add_known_link_options)
  foreach(flag IN LISTS ARGN)
    string(MAKE_C_IDENTIFIER "LINKER_KNOWS${flag}" known)
    check_linker_flag(CXX "LINKER:${flag}" ${known})
    if(${known})
      add_link_options("LINKER:${flag}")
    endif()
  endforeach()
endfunction()

# Paths in the program begin at the project, wherever it lies: the same source makes the same bytes.
set(tunnel_prefix_map "-ffile-prefix-map=${PROJECT_BINARY_DIR}=build" "-ffile-prefix-map=${PROJECT_SOURCE_DIR}=.")

macro(_set_compiler_options)
  check_pie_supported()
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
  add_compile_options(-fstack-protector-strong)
  if(NOT TUNNEL_TESTS)
    add_compile_options(${tunnel_prefix_map})  # a debugger wants the paths as they are
  endif()
  _add_known_compile_options(-fcf-protection=full -ftrivial-auto-var-init=zero -ffunction-sections -fdata-sections)
  add_compile_definitions($<$<COMPILE_LANGUAGE:CXX>:_GLIBCXX_ASSERTIONS>)
  if(WIN32)
    add_compile_definitions(_WIN32_WINNT=0x0a00 NOMINMAX WIN32_LEAN_AND_MEAN)
    add_link_options(-fstack-protector-strong)  # links the library that the checks call
    _add_known_link_options(--dynamicbase --nxcompat --high-entropy-va)
  elseif(NOT APPLE)
    _add_known_compile_options(-fstack-clash-protection)  # not for Windows: GCC 12 crashes there
    _add_known_link_options(-z,relro -z,now -z,noexecstack --gc-sections)
  endif()

  if(TUNNEL_SANITIZE)
    add_compile_options(-fsanitize=${TUNNEL_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${TUNNEL_SANITIZE})
  elseif(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
    # Undefine it first: some compilers predefine a lower level. It needs optimisation; sanitizers make it redundant.
    add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
  endif()
  if(TUNNEL_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)
  endif()
endmacro()

_set_compiler_options()

# Only our own targets link this. The presets with tests make warnings errors; a new compiler's don't stop a release.
add_library(tunnel_options INTERFACE)
target_compile_options(tunnel_options INTERFACE -Wall -Wextra -Wconversion -Wshadow)
if(CMAKE_COMPILE_WARNING_AS_ERROR)
  # two types with one name, which only link-time optimisation detects
  target_link_options(tunnel_options INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Werror=odr>)
endif()
option(TUNNEL_COVERAGE "Count which of our lines run (GCC); the sandbox would stop the counts from being written" OFF)
if(TUNNEL_COVERAGE)
  target_compile_options(tunnel_options INTERFACE --coverage -fprofile-update=atomic -fprofile-abs-path)
  target_link_options(tunnel_options INTERFACE --coverage)
  target_compile_definitions(tunnel_options INTERFACE TUNNEL_COVERAGE)
endif()
# What is off the data path may be compiled with less optimisation, for a quicker build.
set(TUNNEL_COLD_OPTIONS "" CACHE STRING "Further options for code off the data path, such as -O1")
set(tunnel_cold_options ${TUNNEL_COLD_OPTIONS})
if(NOT TUNNEL_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # a false alarm about coroutines that depends on what GCC inlines
  list(APPEND tunnel_cold_options -Wno-mismatched-new-delete)
endif()
if(TUNNEL_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Instrumented code causes false alarms in GCC's flow analysis. The other presets keep these warnings.
  target_compile_options(tunnel_options INTERFACE
    -Wno-uninitialized -Wno-maybe-uninitialized -Wno-stringop-overflow -Wno-array-bounds -Wno-restrict -Wno-mismatched-new-delete)
  if(TUNNEL_SANITIZE MATCHES "thread")
    # The thread sanitizer can't see Asio's fences. With one thread per io_context, none of them matters.
    target_compile_options(tunnel_options INTERFACE -Wno-tsan)
  endif()
endif()

# Precompiled: half of the time of a small source goes into these.
set(tunnel_common_headers <algorithm> <chrono> <filesystem> <fmt/format.h> <functional> <memory> <optional> <string>
  <variant> <vector>)
