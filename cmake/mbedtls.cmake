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
include(write_if_changed)

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

# Compiles a copy of a file of mbedTLS, changed by pairs of texts: the second stands in place of the first.
function(_mbedtls_change target name)
  set(changed "${PROJECT_BINARY_DIR}/mbedtls_changed/${name}")
  file(READ "${mbedtls_SOURCE_DIR}/library/${name}" text)
  get_target_property(sources ${target} SOURCES)
  list(FIND sources ${name} listed)
  set(before_at 2)
  while(before_at LESS ARGC)
    math(EXPR after_at "${before_at} + 1")
    set(before "${ARGV${before_at}}")
    string(FIND "${text}" "${before}" first)
    string(FIND "${text}" "${before}" last REVERSE)
    if(first EQUAL -1 OR NOT first EQUAL last OR listed EQUAL -1)
      message(FATAL_ERROR "${name} of this mbedTLS is not the one that is known: see how it reads certificates, and adapt "
        "cmake/mbedtls.cmake")
    endif()
    string(REPLACE "${before}" "${ARGV${after_at}}" text "${text}")
    math(EXPR before_at "${before_at} + 2")
  endwhile()
  tunnel_write_if_changed("${changed}" "${text}")
  string(REPLACE "." "\\." pattern "${name}")
  list(TRANSFORM sources REPLACE "^${pattern}$" "${changed}")
  set_target_properties(${target} PROPERTIES SOURCES "${sources}")
endfunction()

# mbedTLS refuses to parse a certificate with critical name constraints, and a handshake has no callback for that.
# lib/x509/name_constraints.cpp enforces them. It also refuses a chain that is too long before anybody sees it, though
# another path may be shorter: lib/x509/path_builder.cpp looks for one.
_mbedtls_change(mbedx509 x509_crt.c "            if (is_critical) {
                /* Data is marked as critical: fail */"
  "            if (is_critical && MBEDTLS_OID_CMP(MBEDTLS_OID_NAME_CONSTRAINTS, &extn_oid) != 0) {
                /* Data is marked as critical: fail */"
  "            /* return immediately to avoid overflow the chain array */
            return MBEDTLS_ERR_X509_FATAL_ERROR;"
  "            /* return immediately to avoid overflow the chain array */
            *flags |= MBEDTLS_X509_BADCERT_NOT_TRUSTED;
            return 0;")

# A peer may send certificates that its path doesn't need, of kinds that are newer than mbedTLS. It skips only those with
# an unknown signature, and with TLS 1.3 not even one that is the last. The first is the peer's own, and never skipped.
# Others with a critical extension that mbedTLS doesn't know are kept: lib/x509/path_check.cpp refuses a path with one.
set(_mbedtls_pass_extension "static int ssl_pass_extension(void *p_ctx, mbedtls_x509_crt const *crt,
                              mbedtls_x509_buf const *oid, int critical,
                              const unsigned char *begin, const unsigned char *end)
{
    (void) p_ctx;
    (void) crt;
    (void) critical;
    (void) begin;
    (void) end;
    return MBEDTLS_OID_CMP(MBEDTLS_OID_CERTIFICATE_POLICIES, oid) == 0 ? MBEDTLS_ERR_X509_FEATURE_UNAVAILABLE : 0;
}

")
function(_mbedtls_keep_extensions result list bytes size)
  set(${result} "        if (ret == MBEDTLS_ERR_X509_INVALID_EXTENSIONS + MBEDTLS_ERR_ASN1_UNEXPECTED_TAG && ${list}->version != 0) {
            ret = mbedtls_x509_crt_parse_der_with_ext_cb(${list}, ${bytes}, ${size}, 1, ssl_pass_extension, NULL);
        }
" PARENT_SCOPE)
endfunction()
set(_mbedtls_unknown_kind "            case MBEDTLS_ERR_X509_UNKNOWN_SIG_ALG + MBEDTLS_ERR_OID_NOT_FOUND:
                /* Ignore certificate with an unknown algorithm: maybe a
                   prior certificate was already trusted. */
                break;
")
set(_mbedtls_unknown_kinds "            case MBEDTLS_ERR_X509_UNKNOWN_SIG_ALG + MBEDTLS_ERR_OID_NOT_FOUND:
            case MBEDTLS_ERR_PK_UNKNOWN_PK_ALG:
            case MBEDTLS_ERR_PK_UNKNOWN_NAMED_CURVE:
")
_mbedtls_keep_extensions(_mbedtls_keep "chain" "ssl->in_msg + i" n)
_mbedtls_change(mbedtls ssl_tls.c
  "MBEDTLS_CHECK_RETURN_CRITICAL
static int ssl_parse_certificate_chain("
  "${_mbedtls_pass_extension}MBEDTLS_CHECK_RETURN_CRITICAL
static int ssl_parse_certificate_chain("
  "        ret = mbedtls_x509_crt_parse_der(chain, ssl->in_msg + i, n);
" "        ret = mbedtls_x509_crt_parse_der(chain, ssl->in_msg + i, n);
${_mbedtls_keep}"
  "            case 0: /*ok*/
${_mbedtls_unknown_kind}" "            case 0: /*ok*/
                break;
${_mbedtls_unknown_kinds}                if (chain->version != 0) {
                    break;
                }
                alert = MBEDTLS_SSL_ALERT_MSG_UNSUPPORTED_CERT;
                goto crt_parse_der_failed;
")
_mbedtls_keep_extensions(_mbedtls_keep "ssl->session_negotiate->peer_cert" p cert_data_len)
_mbedtls_change(mbedtls ssl_tls13_generic.c
  "/* Parse certificate chain send by the server. */
" "${_mbedtls_pass_extension}/* Parse certificate chain send by the server. */
"
  "                                         p, cert_data_len);

        switch (ret) {"
  "                                         p, cert_data_len);
${_mbedtls_keep}
        switch (ret) {"
  "${_mbedtls_unknown_kind}" "${_mbedtls_unknown_kinds}                if (ssl->session_negotiate->peer_cert->version == 0) {
                    MBEDTLS_SSL_PEND_FATAL_ALERT(MBEDTLS_SSL_ALERT_MSG_UNSUPPORTED_CERT, ret);
                    return ret;
                }
                ret = 0;
                break;
")
target_compile_definitions(deps_mbedtls INTERFACE TUNNEL_READS_NAME_CONSTRAINTS)
target_link_libraries(deps_mbedtls INTERFACE mbedtls mbedx509)
if(WIN32)
  target_link_libraries(deps_mbedtls INTERFACE ws2_32 bcrypt)
endif()
