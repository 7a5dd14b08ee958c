# The dependencies as targets deps::*, from the system if new enough, and otherwise from their pinned releases.
include(FetchContent)
find_package(Threads REQUIRED)

set(TUNNEL_DEPS_DIR "${PROJECT_SOURCE_DIR}/build/deps" CACHE PATH "What is fetched once for all presets")

# --- pinned releases

# Declares a release. All presets share the archive, and CMake checks its hash before unpacking.
function(_deps_release name hash url)
  FetchContent_Declare(${name} URL "${url}" URL_HASH "SHA256=${hash}" DOWNLOAD_DIR "${TUNNEL_DEPS_DIR}/releases"
    SOURCE_SUBDIR only-unpacked)
  set_property(GLOBAL APPEND PROPERTY TUNNEL_RELEASES ${name})
  set_property(GLOBAL PROPERTY TUNNEL_RELEASE_${name} "${hash}" "${url}")
endfunction()

_deps_release(mbedtls a7e8bcbec0e6f761b4af24f25677626b35f762f68eef79c08677a363212d11f6
  https://github.com/Mbed-TLS/mbedtls/releases/download/mbedtls-3.6.7/mbedtls-3.6.7.tar.bz2)
_deps_release(asio 0310a76b27e1854f09f696b30de57dc490b5e1b17faed1eb8c9a2891f956e52b
  https://github.com/chriskohlhoff/asio/archive/refs/tags/asio-1-36-0.tar.gz)
_deps_release(cli11 377691f3fac2b340f12a2f79f523c780564578ba3d6eaf5238e9f35895d5ba95
  https://github.com/CLIUtils/CLI11/archive/refs/tags/v2.6.1.tar.gz)
_deps_release(tomlplusplus 8517f65938a4faae9ccf8ebb36631a38c1cadfb5efa85d9a72e15b9e97d25155
  https://github.com/marzer/tomlplusplus/archive/refs/tags/v3.4.0.tar.gz)
_deps_release(doctest 73381c7aa4dee704bd935609668cf41880ea7f19fa0504a200e13b74999c2d70
  https://github.com/doctest/doctest/archive/refs/tags/v2.4.12.tar.gz)
_deps_release(fmt 203eb4e8aa0d746c62d8f903df58e0419e3751591bb53ff971096eaa0ebd4ec3
  https://github.com/fmtlib/fmt/releases/download/11.2.0/fmt-11.2.0.zip)
_deps_release(nlohmann_json 42f6e95cad6ec532fd372391373363b62a14af6d771056dbfc86160e6dfff7aa
  https://github.com/nlohmann/json/releases/download/v3.12.0/json.tar.xz)
_deps_release(httplib 6d38a6b74ea33ac3133b8352f2b55b557c1d42f36e1ed0c01f852e3218329d39
  https://github.com/yhirose/cpp-httplib/archive/refs/tags/v0.41.0.tar.gz)
_deps_release(aws_lc a6bf6adfc5f9bba559d28554b7d3581b15f2813f03bc9f2ae19f0d915e97dadf
  https://github.com/aws/aws-lc/archive/refs/tags/v5.1.0.tar.gz)

# --- header-only libraries

# Sets `result` to the version in a header, joined from the macros that match each pattern.
function(_deps_header_version result header)
  file(READ "${header}" text)
  set(parts)
  foreach(pattern IN LISTS ARGN)
    string(REPLACE " " "[ \t]+" pattern "${pattern}")
    if(text MATCHES "#[ \t]*define[ \t]+${pattern}")
      list(APPEND parts "${CMAKE_MATCH_1}")
    endif()
  endforeach()
  list(JOIN parts "." version)
  set(${result} "${version}" PARENT_SCOPE)
endfunction()

# Creates deps::<name> from the folder that contains `header`, whose version the patterns match. With RELEASE, skips the
# system's.
function(_deps_headers name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "RELEASE" "CONTENT;PACKAGE;TARGET;VERSION_HEADER;FLOOR" "VERSION")
  add_library(deps_${name} INTERFACE)
  add_library(deps::${name} ALIAS deps_${name})

  if(arg_PACKAGE)
    find_package(${arg_PACKAGE} ${arg_FLOOR} CONFIG QUIET)
    if(${arg_PACKAGE}_FOUND AND TARGET ${arg_TARGET})
      message(STATUS "${name} ${${arg_PACKAGE}_VERSION} from the system")
      target_link_libraries(deps_${name} INTERFACE ${arg_TARGET})
      set_target_properties(deps_${name} PROPERTIES TUNNEL_VERSION "${${arg_PACKAGE}_VERSION}")
      return()
    endif()
  endif()
  if(NOT arg_RELEASE)
    find_path(DEPS_${name}_INCLUDE "${arg_VERSION_HEADER}")
    mark_as_advanced(DEPS_${name}_INCLUDE)
  endif()
  if(DEPS_${name}_INCLUDE)
    _deps_header_version(version "${DEPS_${name}_INCLUDE}/${arg_VERSION_HEADER}" ${arg_VERSION})
    if(version VERSION_GREATER_EQUAL arg_FLOOR)
      message(STATUS "${name} ${version} from the system")
      target_include_directories(deps_${name} SYSTEM INTERFACE "${DEPS_${name}_INCLUDE}")
      set_target_properties(deps_${name} PROPERTIES TUNNEL_VERSION "${version}")
      return()
    endif()
  endif()

  FetchContent_MakeAvailable(${arg_CONTENT})
  set(source "${${arg_CONTENT}_SOURCE_DIR}")
  unset(found)
  find_path(found "${arg_VERSION_HEADER}" NO_CACHE NO_DEFAULT_PATH NO_CMAKE_FIND_ROOT_PATH
    PATHS "${source}/usr/include" "${source}/include" "${source}/asio/include" "${source}")
  if(NOT found)
    message(FATAL_ERROR "${source} does not hold ${arg_VERSION_HEADER} of ${name}: remove that folder and try "
      "again")
  endif()
  _deps_header_version(version "${found}/${arg_VERSION_HEADER}" ${arg_VERSION})
  if(version VERSION_LESS arg_FLOOR)
    message(FATAL_ERROR "${name} ${version} in ${source} is too old: ${arg_FLOOR} or later is needed; remove that folder "
      "to fetch it again")
  endif()
  target_include_directories(deps_${name} SYSTEM INTERFACE "${found}")
  set_target_properties(deps_${name} PROPERTIES TUNNEL_VERSION "${version}")
endfunction()

# Compiles what deps::<name> defines in its headers once, from `source`, instead of in each file that includes them: with
# `compiled` defined for it and its users, if that is given. Nothing changes for a version that is not below `ceiling`.
function(_deps_compile_once name source ceiling compiled)
  get_target_property(version deps_${name} TUNNEL_VERSION)
  if(NOT version VERSION_LESS ceiling)
    return()
  endif()
  get_target_property(origin deps_${name} INTERFACE_LINK_LIBRARIES)
  if(NOT origin)
    set(origin deps_${name})
  endif()
  get_target_property(definitions ${origin} INTERFACE_COMPILE_DEFINITIONS)
  if(compiled AND "${compiled}" IN_LIST definitions)
    return()  # the system's own is compiled
  endif()
  get_target_property(include ${origin} INTERFACE_INCLUDE_DIRECTORIES)
  add_library(deps_${name}_compiled STATIC EXCLUDE_FROM_ALL "${source}")
  target_include_directories(deps_${name}_compiled SYSTEM PUBLIC ${include})
  target_compile_definitions(deps_${name}_compiled PUBLIC ${compiled})
  target_compile_options(deps_${name}_compiled PRIVATE -w ${tunnel_cold_options})
  set_target_properties(deps_${name} PROPERTIES INTERFACE_LINK_LIBRARIES deps_${name}_compiled)
endfunction()

_deps_headers(asio CONTENT asio FLOOR 1.36
  VERSION_HEADER asio/version.hpp VERSION "ASIO_VERSION ([0-9])" "ASIO_VERSION [0-9]([0-9][0-9][0-9])"
    "ASIO_VERSION [0-9][0-9][0-9][0-9]([0-9][0-9])")
_deps_headers(cli11 CONTENT cli11 PACKAGE CLI11 TARGET CLI11::CLI11 FLOOR 2.4
  VERSION_HEADER CLI/Version.hpp VERSION "CLI11_VERSION \"([0-9.]+)\"")
_deps_compile_once(cli11 "${CMAKE_CURRENT_LIST_DIR}/cli11.cpp" 3 CLI11_COMPILE)
_deps_headers(toml CONTENT tomlplusplus PACKAGE tomlplusplus TARGET tomlplusplus::tomlplusplus FLOOR 3.4
  VERSION_HEADER toml++/impl/version.hpp VERSION "TOML_LIB_MAJOR ([0-9]+)" "TOML_LIB_MINOR ([0-9]+)"
    "TOML_LIB_PATCH ([0-9]+)")
_deps_headers(fmt CONTENT fmt PACKAGE fmt TARGET fmt::fmt-header-only FLOOR 11
  VERSION_HEADER fmt/base.h VERSION "FMT_VERSION ([0-9]+)[0-9][0-9][0-9][0-9]"
    "FMT_VERSION [0-9]+([0-9][0-9])[0-9][0-9]"
    "FMT_VERSION [0-9]+([0-9][0-9])")
_deps_compile_once(fmt "${CMAKE_CURRENT_LIST_DIR}/fmt.cpp" 12 "")
_deps_headers(json CONTENT nlohmann_json PACKAGE nlohmann_json TARGET nlohmann_json::nlohmann_json FLOOR 3.11
  VERSION_HEADER nlohmann/detail/abi_macros.hpp
  VERSION "NLOHMANN_JSON_VERSION_MAJOR ([0-9]+)" "NLOHMANN_JSON_VERSION_MINOR ([0-9]+)"
          "NLOHMANN_JSON_VERSION_PATCH ([0-9]+)")
# Never the system's: split packages have only declarations in httplib.h, and another program's choice of TLS library.
_deps_headers(httplib CONTENT httplib RELEASE FLOOR 0.41
  VERSION_HEADER httplib.h VERSION "CPPHTTPLIB_VERSION \"([0-9.]+)\"")
if(TUNNEL_TESTS)
  _deps_headers(doctest CONTENT doctest PACKAGE doctest TARGET doctest::doctest FLOOR 2.4.11
    VERSION_HEADER doctest/doctest.h
    VERSION "DOCTEST_VERSION_MAJOR ([0-9]+)" "DOCTEST_VERSION_MINOR ([0-9]+)" "DOCTEST_VERSION_PATCH ([0-9]+)")
endif()

# aligned_alloc() doesn't call the handler of std::set_new_handler, which holds a reserve of memory
target_compile_definitions(deps_asio INTERFACE ASIO_STANDALONE ASIO_NO_DEPRECATED ASIO_DISABLE_STD_ALIGNED_ALLOC)
target_link_libraries(deps_asio INTERFACE Threads::Threads)
if(WIN32)
  target_link_libraries(deps_asio INTERFACE ws2_32 mswsock)
endif()
if(TUNNEL_SANITIZE MATCHES "undefined" AND CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  # clang before 17 can't compile coroutines with this check: "Cannot represent a difference across sections".
  target_compile_options(deps_asio INTERFACE -fno-sanitize=function)
endif()
if(NOT TARGET deps_fmt_compiled)
  target_compile_definitions(deps_fmt INTERFACE FMT_HEADER_ONLY=1)
endif()
if(WIN32)
  target_link_libraries(deps_httplib INTERFACE ws2_32)
endif()

include(mbedtls)
include(aead)
