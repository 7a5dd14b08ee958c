# AWS-LC (Apache-2.0 and ISC) for the AEADs, P-256, X25519 and RSA: the system's, or its pinned release compiled here.
#
# Sets TUNNEL_AWS_LC_FOUND; TUNNEL_AWS_LC_VERSION and TUNNEL_AWS_LC_ORIGIN, in words; and TUNNEL_AWS_LC_SOURCE, which is
# empty for the system's. TUNNEL_AWS_LC_ADVICE says what to do where it isn't found. deps::aws_lc is its libcrypto, always
# the archive: OpenSSL may be installed beside it.
include_guard()
set(_aws_lc_floor 5.1)
set(TUNNEL_AWS_LC auto CACHE STRING "AWS-LC: auto (the system's, otherwise the pinned release), off, or the folder of its source")
set(TUNNEL_AWS_LC_FOUND FALSE)
set(TUNNEL_AWS_LC_SOURCE "")
set(TUNNEL_AWS_LC_ADVICE "unpack a release of AWS-LC, ${_aws_lc_floor} or later, and name its folder:
    cmake --preset release -DTUNNEL_AWS_LC=FOLDER")

function(_aws_lc_version result folder)
  _deps_header_version(version "${folder}/include/openssl/base.h" "AWSLC_VERSION_NUMBER_STRING \"([0-9.]+)")
  if(version VERSION_LESS _aws_lc_floor)
    message(STATUS "AWS-LC ${version} in ${folder} is too old: ${_aws_lc_floor} or later is needed")
    set(version "")
  endif()
  set(${result} "${version}" PARENT_SCOPE)
endfunction()

# The system's: headers beside an archive that links.
function(_aws_lc_find_system)
  find_path(include openssl/aead.h NO_CACHE)
  find_library(library NAMES libcrypto.a NO_CACHE)
  if(NOT include OR NOT library)
    return()
  endif()
  cmake_path(GET include PARENT_PATH folder)
  _aws_lc_version(version "${folder}")
  if(NOT version)
    return()
  endif()
  set(CMAKE_TRY_COMPILE_TARGET_TYPE EXECUTABLE)
  set(program "${PROJECT_BINARY_DIR}/CMakeFiles/aws_lc_links.c")
  file(WRITE "${program}" "#include <openssl/aead.h>\nint main(void) { return EVP_aead_aes_256_gcm() == 0; }\n")
  try_compile(_aws_lc_links "${PROJECT_BINARY_DIR}/CMakeFiles/aws_lc_links" SOURCES "${program}"
    CMAKE_FLAGS "-DINCLUDE_DIRECTORIES=${include}" LINK_LIBRARIES "${library}" Threads::Threads)
  if(NOT _aws_lc_links)
    message(STATUS "${library} does not link here")
    unset(_aws_lc_links CACHE)
    return()
  endif()
  add_library(deps_aws_lc STATIC IMPORTED GLOBAL)
  set_target_properties(deps_aws_lc PROPERTIES IMPORTED_LOCATION "${library}")
  target_include_directories(deps_aws_lc INTERFACE "${include}")
  target_link_libraries(deps_aws_lc INTERFACE Threads::Threads)
  set(TUNNEL_AWS_LC_FOUND TRUE PARENT_SCOPE)
  set(TUNNEL_AWS_LC_VERSION "${version}" PARENT_SCOPE)
  set(TUNNEL_AWS_LC_ORIGIN "the system" PARENT_SCOPE)
endfunction()

# FetchContent would give up where the release is out of reach; the build can do without, and says what that costs.
function(_aws_lc_is_reachable result)
  set(${result} TRUE PARENT_SCOPE)
  set(origin releases)
  if(COMMAND _deps_origin)
    _deps_origin(origin)
  endif()
  set(unpacked "${FETCHCONTENT_BASE_DIR}/aws_lc-src")
  if(origin STREQUAL "distribution" OR FETCHCONTENT_SOURCE_DIR_AWS_LC OR EXISTS "${unpacked}/include/openssl/base.h")
    return()
  endif()
  set(${result} FALSE PARENT_SCOPE)
  if(FETCHCONTENT_FULLY_DISCONNECTED)
    message(STATUS "no AWS-LC is here (-DFETCHCONTENT_SOURCE_DIR_AWS_LC=FOLDER)")
    return()
  endif()
  get_property(release GLOBAL PROPERTY TUNNEL_RELEASE_aws_lc)
  list(GET release 1 url)
  cmake_path(GET url FILENAME name)
  set(archive "${TUNNEL_DEPS_DIR}/releases/${name}")
  if(NOT EXISTS "${archive}")
    file(DOWNLOAD "${url}" "${archive}" STATUS status INACTIVITY_TIMEOUT 30)
    list(GET status 0 failed)
    if(failed)
      list(GET status 1 reason)
      file(REMOVE "${archive}")
      message(STATUS "could not get AWS-LC from ${url}: ${reason}")
      return()
    endif()
  endif()
  set(${result} TRUE PARENT_SCOPE)
endfunction()

# Sets TUNNEL_AWS_LC_SOURCE to the folder, or to nothing if there is none and the build can do without.
function(_aws_lc_find_source)
  set(TUNNEL_AWS_LC_ORIGIN "its source" PARENT_SCOPE)
  if(NOT TUNNEL_AWS_LC STREQUAL "auto")
    if(NOT EXISTS "${TUNNEL_AWS_LC}/include/openssl/base.h")
      message(FATAL_ERROR "TUNNEL_AWS_LC: ${TUNNEL_AWS_LC} does not hold the source of AWS-LC")
    endif()
    set(TUNNEL_AWS_LC_SOURCE "${TUNNEL_AWS_LC}" PARENT_SCOPE)
    return()
  endif()
  _aws_lc_is_reachable(reachable)
  if(NOT reachable)
    return()
  endif()
  FetchContent_MakeAvailable(aws_lc)
  # the distribution's package has it inside a Rust crate
  file(GLOB folders "${aws_lc_SOURCE_DIR}" "${aws_lc_SOURCE_DIR}/usr/share/cargo/registry/aws-lc-sys-*/aws-lc")
  foreach(folder IN LISTS folders)
    if(EXISTS "${folder}/include/openssl/base.h")
      set(TUNNEL_AWS_LC_SOURCE "${folder}" PARENT_SCOPE)
    endif()
  endforeach()
endfunction()

# Adds its libcrypto, compiled once for all presets. A sanitizer sees only its input and output, because assembly does
# the work.
function(_aws_lc_compile)
  include(ExternalProject)
  string(SHA256 source "${TUNNEL_AWS_LC_SOURCE}")
  string(SUBSTRING "${source}" 0 8 source)
  set(kind "${CMAKE_C_COMPILER_ID}_${CMAKE_C_COMPILER_VERSION}_${CMAKE_GENERATOR}_${source}")
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
  set(paths "-ffile-prefix-map=${TUNNEL_AWS_LC_SOURCE}=aws-lc -ffile-prefix-map=${folder}=aws-lc-build")
  # Separate sections, so that the linker keeps only the functions that are called. Its warnings aren't ours to fix. The
  # system's random numbers alone: gathering others from the processor's jitter delays the first handshake by 60 ms.
  ExternalProject_Add(aws_lc_build
    SOURCE_DIR "${TUNNEL_AWS_LC_SOURCE}"
    BINARY_DIR "${folder}"
    CMAKE_ARGS "${toolchain}" -DCMAKE_BUILD_TYPE=Release -DCMAKE_POSITION_INDEPENDENT_CODE=ON
      "-DCMAKE_C_FLAGS=-w -ffunction-sections -fdata-sections -fstack-protector-strong ${paths}"
      "-DCMAKE_ASM_FLAGS=${paths}"
      -DBUILD_TESTING=OFF -DBUILD_LIBSSL=OFF -DBUILD_TOOL=OFF -DBUILD_SHARED_LIBS=OFF -DDISABLE_GO=ON -DDISABLE_PERL=ON
      -DDISABLE_CPU_JITTER_ENTROPY=ON
    BUILD_COMMAND "${CMAKE_COMMAND}" --build "${folder}" --target crypto
    BUILD_BYPRODUCTS "${library}"
    INSTALL_COMMAND ""
    LOG_CONFIGURE ON LOG_BUILD ON LOG_OUTPUT_ON_FAILURE ON
    EXCLUDE_FROM_ALL ON)
  add_library(deps_aws_lc STATIC IMPORTED GLOBAL)
  set_target_properties(deps_aws_lc PROPERTIES IMPORTED_LOCATION "${library}")
  target_include_directories(deps_aws_lc INTERFACE "${TUNNEL_AWS_LC_SOURCE}/include")
  target_link_libraries(deps_aws_lc INTERFACE Threads::Threads $<$<PLATFORM_ID:Windows>:ws2_32> $<$<PLATFORM_ID:Windows>:bcrypt>)
  add_dependencies(deps_aws_lc aws_lc_build)
endfunction()

if(TUNNEL_AWS_LC STREQUAL "auto")
  _aws_lc_find_system()
endif()
if(TUNNEL_AWS_LC AND NOT TUNNEL_AWS_LC_FOUND)
  # its assembly for Windows on x86-64 is NASM's
  find_program(TUNNEL_NASM nasm NO_CMAKE_FIND_ROOT_PATH)
  mark_as_advanced(TUNNEL_NASM)
  if(WIN32 AND CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|amd64|AMD64)$" AND NOT TUNNEL_NASM)
    message(STATUS "AWS-LC needs NASM, which is not here")
    set(TUNNEL_AWS_LC_ADVICE "install NASM, which AWS-LC's assembly is written for, and
    configure again")
  else()
    _aws_lc_find_source()
  endif()
  if(TUNNEL_AWS_LC_SOURCE)
    _aws_lc_version(TUNNEL_AWS_LC_VERSION "${TUNNEL_AWS_LC_SOURCE}")
    if(TUNNEL_AWS_LC_VERSION)
      _aws_lc_compile()
      set(TUNNEL_AWS_LC_FOUND TRUE)
    endif()
  endif()
endif()
if(TUNNEL_AWS_LC_FOUND)
  add_library(deps::aws_lc ALIAS deps_aws_lc)
  message(STATUS "AWS-LC ${TUNNEL_AWS_LC_VERSION} from ${TUNNEL_AWS_LC_ORIGIN}")
endif()
