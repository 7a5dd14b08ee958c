# mbedTLS as deps::mbedtls: the system's if suitable, and otherwise compiled here with lib/tls/mbedtls_config.h.
set(_mbedtls_floor 3.6.7)
add_library(deps_mbedtls INTERFACE)
add_library(deps::mbedtls ALIAS deps_mbedtls)

# All worker threads share one configuration, so the library must have been built with locks.
function(_mbedtls_has_locks result)
  try_compile(${result} "${PROJECT_BINARY_DIR}/CMakeFiles/mbedtls_has_locks"
    SOURCES "${PROJECT_SOURCE_DIR}/cmake/mbedtls_has_locks.c" LINK_LIBRARIES MbedTLS::mbedtls)
  set(${result} "${${result}}" PARENT_SCOPE)
endfunction()

# A sanitizer can't check an mbedTLS that was compiled without it.
if(NOT TUNNEL_SANITIZE AND NOT CMAKE_CROSSCOMPILING)
  find_package(MbedTLS CONFIG QUIET)
  if(MbedTLS_FOUND AND MbedTLS_VERSION VERSION_GREATER_EQUAL _mbedtls_floor AND TARGET MbedTLS::mbedtls)
    _mbedtls_has_locks(_mbedtls_usable)
    if(_mbedtls_usable)
      message(STATUS "mbedtls ${MbedTLS_VERSION} from the system")
      target_link_libraries(deps_mbedtls INTERFACE MbedTLS::mbedtls MbedTLS::mbedx509)
      return()
    endif()
  endif()
endif()

FetchContent_MakeAvailable(mbedtls)
file(READ "${mbedtls_SOURCE_DIR}/include/mbedtls/build_info.h" _mbedtls_text)
if(NOT _mbedtls_text MATCHES "#define MBEDTLS_VERSION_STRING +\"([0-9.]+)\""
   OR CMAKE_MATCH_1 VERSION_LESS _mbedtls_floor)
  message(FATAL_ERROR "mbedTLS ${CMAKE_MATCH_1} in ${mbedtls_SOURCE_DIR} is too old: ${_mbedtls_floor} or later is "
    "needed, for it mends flaws that a peer can reach (CVE-2026-49300, CVE-2026-50580). Remove that folder to fetch it "
    "again, or unpack a newer release and name it: -DFETCHCONTENT_SOURCE_DIR_MBEDTLS=FOLDER")
endif()

set(_mbedtls_version "${CMAKE_MATCH_1}")

include(psa_driver)
tunnel_has_psa_driver(_mbedtls_has_driver)

# Sets `result` to a copy of the source with our patches: cmake/patches has them, each with its reason. The copy is made
# again when the source or a patch is another one.
function(_mbedtls_patched result source version)
  set(copy "${PROJECT_BINARY_DIR}/mbedtls_patched")
  set(${result} "${copy}" PARENT_SCOPE)
  file(GLOB patches CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/cmake/patches/mbedtls-3.6/*.patch")
  if(NOT _mbedtls_has_driver)
    list(FILTER patches EXCLUDE REGEX "/psa_driver\\.patch$")
  endif()
  set(stamp "${source} ${version}")
  foreach(patch IN LISTS patches)
    file(SHA256 "${patch}" hash)
    string(APPEND stamp "\n${patch} ${hash}")
  endforeach()
  if(EXISTS "${copy}/.patched")
    file(READ "${copy}/.patched" found)
    if(found STREQUAL stamp)
      return()
    endif()
  endif()

  # git for Windows brings a patch program
  find_program(TUNNEL_PATCH patch PATHS "$ENV{ProgramFiles}/Git/usr/bin" NO_CMAKE_FIND_ROOT_PATH)
  mark_as_advanced(TUNNEL_PATCH)
  if(NOT TUNNEL_PATCH)
    message(FATAL_ERROR "mbedTLS needs a few changes, and the program that makes them is missing: install patch (or, on "
      "Windows, Git), or name it: -DTUNNEL_PATCH=PROGRAM")
  endif()
  file(REMOVE_RECURSE "${copy}")
  file(COPY "${source}/" DESTINATION "${copy}" REGEX "/(ChangeLog.d|docs|doxygen|programs|tests|visualc)$" EXCLUDE)
  foreach(patch IN LISTS patches)
    execute_process(COMMAND "${TUNNEL_PATCH}" --batch --forward --strip=1 --fuzz=0 "--directory=${copy}" "--input=${patch}"
      OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE failed)
    if(failed)
      message(FATAL_ERROR "${patch} doesn't fit mbedTLS ${version} in ${source}: see what has changed there, and adapt the "
        "patch.\n${output}")
    endif()
  endforeach()
  file(WRITE "${copy}/.patched" "${stamp}")
endfunction()

# In a function, so that these settings apply only to mbedTLS.
function(_mbedtls_add source)
  set(CMAKE_POLICY_DEFAULT_CMP0069 NEW)  # link-time optimisation if the preset asks for it
  set(CMAKE_POLICY_DEFAULT_CMP0077 NEW)  # the settings below
  set(CMAKE_WARN_DEPRECATED OFF)
  set(CMAKE_MESSAGE_LOG_LEVEL WARNING)
  set(ENABLE_PROGRAMS OFF)
  set(ENABLE_TESTING OFF)
  set(GEN_FILES OFF)
  set(MBEDTLS_FATAL_WARNINGS OFF)
  set(USE_SHARED_MBEDTLS_LIBRARY OFF)
  set(USE_STATIC_MBEDTLS_LIBRARY ON)
  set(DISABLE_PACKAGE_CONFIG_AND_INSTALL ON)
  set(MBEDTLS_USER_CONFIG_FILE "${PROJECT_SOURCE_DIR}/lib/tls/mbedtls_config.h" CACHE FILEPATH "" FORCE)
  add_subdirectory("${source}" "${PROJECT_BINARY_DIR}/mbedtls" EXCLUDE_FROM_ALL SYSTEM)
  foreach(target IN ITEMS mbedtls mbedx509 mbedcrypto tfpsacrypto builtin everest p256m)
    if(TARGET ${target})
      # After the preset's own level, because the last one counts. Its warnings aren't ours to fix.
      target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:C>:-w> $<$<CONFIG:Debug>:-O2>)
    endif()
  endforeach()
endfunction()
_mbedtls_patched(_mbedtls_source "${mbedtls_SOURCE_DIR}" "${_mbedtls_version}")
_mbedtls_add("${_mbedtls_source}")
if(_mbedtls_has_driver)
  tunnel_add_psa_driver(mbedcrypto)
endif()
target_compile_definitions(deps_mbedtls INTERFACE TUNNEL_READS_NAME_CONSTRAINTS)
target_link_libraries(deps_mbedtls INTERFACE mbedtls mbedx509)
if(WIN32)
  target_link_libraries(deps_mbedtls INTERFACE ws2_32 bcrypt)
endif()
