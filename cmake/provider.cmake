# The dependency provider for a Debian-family machine that can't reach the dependencies' releases.
#
# FetchContent asks it first. It answers from the distribution, through a private apt view (cmake/apt_view.py) of a
# newer suite below the build tree. It needs no root and doesn't touch the system.
include_guard(GLOBAL)

set(TUNNEL_DEPS_DIR "${CMAKE_CURRENT_LIST_DIR}/../build/deps" CACHE PATH "What is fetched once for all presets")
cmake_path(NORMAL_PATH TUNNEL_DEPS_DIR)
set(TUNNEL_DEPS_FROM auto CACHE STRING "Where missing dependencies come from: auto, releases, distribution")
set_property(CACHE TUNNEL_DEPS_FROM PROPERTY STRINGS auto releases distribution)

# The distribution's names for them. This build compiles mbedTLS with its own configuration, so it needs the source.
set(_distribution_mbedtls source mbedtls 3.6.)
set(_distribution_asio headers libasio-dev)
set(_distribution_cli11 headers libcli11-dev)
set(_distribution_tomlplusplus headers libtomlplusplus-dev)
set(_distribution_doctest headers doctest-dev)
set(_distribution_fmt headers libfmt-dev)
set(_distribution_nlohmann_json headers nlohmann-json3-dev)
set(_distribution_httplib source cpp-httplib 0.)  # its -dev package is for a shared library with OpenSSL
set(_distribution_aws_lc headers librust-aws-lc-sys-dev)  # the source, inside a Rust crate
set(_optional_aws_lc TRUE)

# Sets `result` to where dependencies come from on this machine. Probes the releases' host once, with a short timeout.
function(_deps_origin result)
  if(TUNNEL_DEPS_FROM STREQUAL "auto" AND NOT DEFINED CACHE{_TUNNEL_DEPS_FOUND_FROM})
    set(origin releases)
    find_program(TUNNEL_APT_GET apt-get NO_CMAKE_FIND_ROOT_PATH)
    mark_as_advanced(TUNNEL_APT_GET)
    set(probe "${CMAKE_BINARY_DIR}/CMakeFiles/releases.probe")
    file(DOWNLOAD "https://github.com/robots.txt" "${probe}" STATUS status TIMEOUT 3)
    file(REMOVE "${probe}")
    if(NOT status MATCHES "^0;" AND TUNNEL_APT_GET)
      set(origin distribution)
      message(STATUS "releases are out of reach: missing dependencies come from the distribution")
    elseif(NOT status MATCHES "^0;")
      list(GET status 1 reason)
      message(NOTICE "releases are out of reach (${reason}): if fetching fails, install Asio, CLI11, toml++, {fmt}, "
        "nlohmann/json, cpp-httplib, doctest and mbedTLS with this system's package manager, or unpack them yourself and name each folder: "
        "-DFETCHCONTENT_SOURCE_DIR_<NAME>=FOLDER")
    endif()
    set(_TUNNEL_DEPS_FOUND_FROM "${origin}" CACHE INTERNAL "")
  endif()
  if(TUNNEL_DEPS_FROM STREQUAL "auto")
    set(${result} "${_TUNNEL_DEPS_FOUND_FROM}" PARENT_SCOPE)
  else()
    set(${result} "${TUNNEL_DEPS_FROM}" PARENT_SCOPE)
  endif()
endfunction()

# Has apt_view.py unpack a package, and sets `version` to what lies in the folder, or to nothing. A folder that is
# there is not asked about: finding and starting Python takes longer than all else here.
function(_deps_unpack version view what package_and_folder)
  set(${version} "" PARENT_SCOPE)
  list(GET package_and_folder -1 into)
  if(EXISTS "${into}/.version")
    file(READ "${into}/.version" found)
    string(STRIP "${found}" found)
  else()
    find_package(Python3 3.9 COMPONENTS Interpreter)
    if(NOT Python3_FOUND)
      message(STATUS "Python 3.9 or later is needed to get a package of this machine's distribution")
      return()
    endif()
    execute_process(
      COMMAND "${Python3_EXECUTABLE}" -B "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/apt_view.py"
              --root "${TUNNEL_DEPS_DIR}/${view}" ${what} ${package_and_folder}
      OUTPUT_VARIABLE found OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE failed)
    if(failed)
      set(found "")
    endif()
  endif()
  set(${version} "${found}" PARENT_SCOPE)
endfunction()

function(tunnel_provide_dependency method name)
  string(TOLOWER "${name}" name)
  if(NOT DEFINED _distribution_${name})
    return()
  endif()
  _deps_origin(origin)
  if(NOT origin STREQUAL "distribution")
    return()
  endif()

  set(into "${TUNNEL_DEPS_DIR}/${name}")
  list(POP_FRONT _distribution_${name} what)
  _deps_unpack(version apt ${what} "${_distribution_${name}};${into}")
  if(NOT version AND _optional_${name})
    message(STATUS "could not get ${name} from this machine's distribution: the line above says why")
  elseif(NOT version)
    string(TOUPPER "${name}" upper)
    message(FATAL_ERROR "could not get ${name} from this machine's distribution: the line above says why. "
      "Or unpack its release yourself and name the folder: -DFETCHCONTENT_SOURCE_DIR_${upper}=FOLDER")
  endif()
  string(REPLACE "%3a" ":" version "${version}")
  message(STATUS "${name} ${version} from the distribution")
  FetchContent_SetPopulated(${name} SOURCE_DIR "${into}" BINARY_DIR "${CMAKE_BINARY_DIR}/_deps/${name}-build")
endfunction()

# Sets `result` to a folder with a -dev package of this machine's own suite, or to nothing if this isn't a Debian-family
# machine or its suite lacks the package. Compiled code must match this machine's C library, so no newer suite will do.
function(tunnel_distribution_library package result)
  set(${result} "" PARENT_SCOPE)
  find_program(TUNNEL_APT_GET apt-get NO_CMAKE_FIND_ROOT_PATH)
  mark_as_advanced(TUNNEL_APT_GET)
  if(NOT TUNNEL_APT_GET OR CMAKE_CROSSCOMPILING OR TUNNEL_DEPS_FROM STREQUAL "releases" OR _TUNNEL_NO_${package})
    return()
  endif()
  set(into "${TUNNEL_DEPS_DIR}/${package}")
  _deps_unpack(version apt-own-suite library "${package};${into}")
  if(version)
    set(${result} "${into}" PARENT_SCOPE)
  else()
    set(_TUNNEL_NO_${package} ON CACHE INTERNAL "")  # asked once per build tree, because an answer may take long
  endif()
endfunction()

cmake_language(SET_DEPENDENCY_PROVIDER tunnel_provide_dependency
  SUPPORTED_METHODS FETCHCONTENT_MAKEAVAILABLE_SERIAL)
