# AWS-LC (Apache-2.0 and ISC): its libcrypto for the AEADs, and the s2n-bignum that it includes for the curves.
#
# Sets TUNNEL_AWS_LC_SOURCE to its source folder. If there is none, sets it to nothing and prints why.
include_guard()
set(TUNNEL_AWS_LC auto CACHE STRING "Source of AWS-LC: auto (from the distribution), off, or its folder")

set(TUNNEL_AWS_LC_SOURCE "")
if(TUNNEL_AWS_LC STREQUAL "auto")
  if(COMMAND tunnel_optional_package AND CMAKE_SYSTEM_NAME STREQUAL "Linux" AND CMAKE_SIZEOF_VOID_P EQUAL 8
     AND CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|amd64|AMD64|aarch64|arm64)$")
    tunnel_optional_package(_aws_lc_package aws-lc librust-aws-lc-sys-dev)
    if(_aws_lc_package)
      file(GLOB TUNNEL_AWS_LC_SOURCE LIST_DIRECTORIES true
        "${_aws_lc_package}/usr/share/cargo/registry/aws-lc-sys-*/aws-lc")
    endif()
  endif()
elseif(TUNNEL_AWS_LC)
  if(NOT EXISTS "${TUNNEL_AWS_LC}/include/openssl/base.h")
    message(FATAL_ERROR "TUNNEL_AWS_LC: ${TUNNEL_AWS_LC} does not hold the source of AWS-LC")
  endif()
  set(TUNNEL_AWS_LC_SOURCE "${TUNNEL_AWS_LC}")
endif()

# Sets `target` in the caller to its libcrypto, compiled once for all presets. A sanitizer sees only its input and
# output, because assembly does the work.
function(tunnel_add_aws_lc target)
  set(${target} deps_aws_lc PARENT_SCOPE)
  if(TARGET deps_aws_lc)
    return()
  endif()
  include(ExternalProject)
  set(kind "${CMAKE_C_COMPILER_ID}_${CMAKE_C_COMPILER_VERSION}_${CMAKE_GENERATOR}")
  if(CMAKE_CROSSCOMPILING)
    cmake_path(GET CMAKE_TOOLCHAIN_FILE STEM system)
    string(APPEND kind "_${system}")
    set(toolchain "-DCMAKE_TOOLCHAIN_FILE=${CMAKE_TOOLCHAIN_FILE}")
  else()
    set(toolchain "-DCMAKE_C_COMPILER=${CMAKE_C_COMPILER}")
  endif()
  string(MAKE_C_IDENTIFIER "${kind}" kind)
  set(folder "${TUNNEL_DEPS_DIR}/aws-lc-build/${kind}")
  set(library "${folder}/crypto/libcrypto.a")
  # Separate sections, so that the linker keeps only the functions that are called. Its warnings aren't ours to fix.
  ExternalProject_Add(aws_lc_build
    SOURCE_DIR "${TUNNEL_AWS_LC_SOURCE}"
    BINARY_DIR "${folder}"
    CMAKE_ARGS "${toolchain}" -DCMAKE_BUILD_TYPE=Release -DCMAKE_POSITION_INDEPENDENT_CODE=ON
      "-DCMAKE_C_FLAGS=-w -ffunction-sections -fdata-sections -fstack-protector-strong"
      -DBUILD_TESTING=OFF -DBUILD_LIBSSL=OFF -DBUILD_TOOL=OFF -DBUILD_SHARED_LIBS=OFF -DDISABLE_GO=ON -DDISABLE_PERL=ON
    BUILD_COMMAND "${CMAKE_COMMAND}" --build "${folder}" --target crypto
    BUILD_BYPRODUCTS "${library}"
    INSTALL_COMMAND ""
    LOG_CONFIGURE ON LOG_BUILD ON LOG_OUTPUT_ON_FAILURE ON
    EXCLUDE_FROM_ALL ON)
  add_library(deps_aws_lc STATIC IMPORTED GLOBAL)
  set_target_properties(deps_aws_lc PROPERTIES IMPORTED_LOCATION "${library}")
  target_include_directories(deps_aws_lc INTERFACE "${TUNNEL_AWS_LC_SOURCE}/include")
  target_link_libraries(deps_aws_lc INTERFACE Threads::Threads)
  add_dependencies(deps_aws_lc aws_lc_build)
endfunction()
