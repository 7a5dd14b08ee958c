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

include(curves)

# In a function, so that these settings apply only to mbedTLS.
function(_mbedtls_add)
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
  add_subdirectory("${mbedtls_SOURCE_DIR}" "${PROJECT_BINARY_DIR}/mbedtls" EXCLUDE_FROM_ALL SYSTEM)
  foreach(target IN ITEMS mbedtls mbedx509 mbedcrypto tfpsacrypto builtin everest p256m)
    if(TARGET ${target})
      # After the preset's own level, because the last one counts. Its warnings aren't ours to fix.
      target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:C>:-w> $<$<CONFIG:Debug>:-O2>)
    endif()
  endforeach()
endfunction()
_mbedtls_add()
tunnel_add_curves("${mbedtls_SOURCE_DIR}")

# mbedTLS refuses to parse a certificate with critical name constraints, and a handshake has no callback for that.
# lib/x509/name_constraints.cpp enforces them, so a copy of the file that lets them through replaces the original.
function(_mbedtls_let_name_constraints_through)
  set(changed "${PROJECT_BINARY_DIR}/mbedtls_changed/x509_crt.c")
  file(READ "${mbedtls_SOURCE_DIR}/library/x509_crt.c" text)
  set(refusal "            if (is_critical) {
                /* Data is marked as critical: fail */")
  string(FIND "${text}" "${refusal}" first)
  string(FIND "${text}" "${refusal}" last REVERSE)
  get_target_property(sources mbedx509 SOURCES)
  list(FIND sources x509_crt.c listed)
  if(first EQUAL -1 OR NOT first EQUAL last OR listed EQUAL -1)
    message(FATAL_ERROR "x509_crt.c of this mbedTLS is not the one that is known: see how it refuses critical extensions, "
      "and adapt cmake/mbedtls.cmake")
  endif()
  string(REPLACE "${refusal}" "            if (is_critical && MBEDTLS_OID_CMP(MBEDTLS_OID_NAME_CONSTRAINTS, &extn_oid) != 0) {
                /* Data is marked as critical: fail */" text "${text}")
  set(before "")
  if(EXISTS "${changed}")
    file(READ "${changed}" before)
  endif()
  if(NOT text STREQUAL before)
    file(WRITE "${changed}" "${text}")
  endif()
  list(TRANSFORM sources REPLACE "^x509_crt\\.c$" "${changed}")
  set_target_properties(mbedx509 PROPERTIES SOURCES "${sources}")
endfunction()
_mbedtls_let_name_constraints_through()
target_compile_definitions(deps_mbedtls INTERFACE TUNNEL_READS_NAME_CONSTRAINTS)
target_link_libraries(deps_mbedtls INTERFACE mbedtls mbedx509)
if(WIN32)
  target_link_libraries(deps_mbedtls INTERFACE ws2_32 bcrypt)
endif()
