# P-256 and X25519 for the mbedTLS that is compiled here, by s2n-bignum (Apache-2.0, ISC or MIT-0) behind our PSA driver
# in lib/tls/drivers. s2n-bignum is assembly; every function is proved correct and runs in constant time. Where AWS-LC is
# there, RSA signatures are made and verified by it, through the same driver.
#
# It has no release to pin. aws-lc includes it, and Debian packages aws-lc.
set(TUNNEL_CURVES auto CACHE STRING
  "Who computes on P-256 and X25519: auto, builtin (mbedTLS), or the folder of s2n-bignum")

include(aws_lc)
include(write_if_changed)

set(_s2n_functions
  p256/bignum_add_p256 p256/bignum_demont_p256_alt p256/bignum_mod_n256_4 p256/bignum_mod_n256_alt
  p256/bignum_montinv_p256 p256/bignum_montmul_p256_alt p256/bignum_nonzero_4 p256/bignum_sub_p256
  p256/bignum_tomont_p256_alt p256/p256_montjadd_alt p256/p256_montjdouble_alt p256/p256_montjscalarmul_alt
  p256/p256_scalarmulbase_alt
  curve25519/curve25519_x25519_alt curve25519/curve25519_x25519base_alt
  generic/bignum_lt generic/bignum_modadd generic/bignum_modinv generic/bignum_montmul)

# Sets `result` to the folder with include/ and x86_att/. If there is none, sets it to a false value and prints why.
function(_curves_find result)
  set(${result} "" PARENT_SCOPE)
  if(TUNNEL_CURVES STREQUAL "builtin")
    message(STATUS "P-256 and X25519 by mbedTLS itself, as asked")
    return()
  endif()
  if(NOT CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|amd64|AMD64)$" OR NOT CMAKE_SYSTEM_NAME STREQUAL "Linux"
     OR NOT CMAKE_SIZEOF_VOID_P EQUAL 8 OR NOT CMAKE_C_COMPILER_ID MATCHES "^(GNU|Clang)$")
    message(STATUS "P-256 and X25519 by mbedTLS itself: s2n-bignum is used on Linux with x86-64 alone")
    return()
  endif()
  if(TUNNEL_CURVES STREQUAL "auto")
    set(folder "${TUNNEL_AWS_LC_SOURCE}/third_party/s2n-bignum/s2n-bignum-imported")
  else()
    set(folder "${TUNNEL_CURVES}")
  endif()
  foreach(file IN ITEMS include/s2n-bignum.h ${_s2n_functions})
    if(file IN_LIST _s2n_functions)
      set(file "x86_att/${file}.S")
    endif()
    if(NOT folder OR NOT EXISTS "${folder}/${file}")
      if(NOT TUNNEL_CURVES STREQUAL "auto")
        message(FATAL_ERROR "TUNNEL_CURVES: ${folder} does not hold ${file} of s2n-bignum")
      endif()
      message(STATUS "P-256 and X25519 by mbedTLS itself, which is slower: no s2n-bignum here (-DTUNNEL_CURVES=FOLDER)")
      return()
    endif()
  endforeach()
  set(${result} "${folder}" PARENT_SCOPE)
endfunction()

# PSA's dispatch supports a P-256 driver, but four of its conditions exclude X25519 and RSA. Writes a copy of the file
# without them to `into`. The driver declines other requests, which then return to mbedTLS.
function(_curves_dispatch result source into)
  file(READ "${source}" text)
  set(curve "psa_get_key_bits(attributes) == 256 )
")
  set(agreement "                PSA_ALG_IS_ECDH(alg) &&
                PSA_KEY_TYPE_ECC_GET_FAMILY(psa_get_key_type(attributes)) == PSA_ECC_FAMILY_SECP_R1 &&
                ${curve}")
  set(agreement_now "                PSA_ALG_IS_ECDH(alg) )\n")
  set(generation "PSA_KEY_TYPE_IS_ECC( psa_get_key_type(attributes) ) &&
                    psa_get_key_type(attributes) == PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1) &&
                    ${curve}")
  set(generation_now "PSA_KEY_TYPE_IS_ECC( psa_get_key_type(attributes) ) )\n")
  foreach(kind IN ITEMS sign:PSA_ALG_IS_RANDOMIZED_ECDSA verify:PSA_ALG_IS_ECDSA)
    string(REPLACE ":" ";" kind "${kind}")
    list(GET kind 0 name)
    list(GET kind 1 algorithm)
    set(p256 "PSA_KEY_TYPE_IS_ECC( psa_get_key_type(attributes) ) &&
                ${algorithm}(alg) &&
                PSA_KEY_TYPE_ECC_GET_FAMILY(psa_get_key_type(attributes)) == PSA_ECC_FAMILY_SECP_R1 &&
                psa_get_key_bits(attributes) == 256 )
            {
                status = p256_transparent_${name}_hash(")
    string(REPLACE "PSA_KEY_TYPE_IS_ECC( psa" "PSA_KEY_TYPE_IS_RSA( psa_get_key_type(attributes) ) ||
                ( PSA_KEY_TYPE_IS_ECC( psa" now "${p256}")
    string(REPLACE "== 256 )" "== 256 ) )" now "${now}")
    set(${name} "${p256}")
    set(${name}_now "${now}")
  endforeach()
  set(${result} FALSE PARENT_SCOPE)
  foreach(anchor IN ITEMS agreement generation sign verify)
    string(FIND "${text}" "${${anchor}}" first)
    string(FIND "${text}" "${${anchor}}" last REVERSE)
    if(first EQUAL -1 OR NOT first EQUAL last)
      message(STATUS "P-256 and X25519 by mbedTLS itself: the dispatch of this mbedTLS is not the one that is known")
      return()
    endif()
    string(REPLACE "${${anchor}}" "${${anchor}_now}" text "${text}")
  endforeach()
  tunnel_write_if_changed("${into}" "${text}")
  set(${result} TRUE PARENT_SCOPE)
endfunction()

_curves_find(_s2n_folder)
if(_s2n_folder)
  enable_language(ASM)
endif()

# Adds the driver to the targets of mbedTLS, and leaves them unchanged if there is none.
function(tunnel_add_curves mbedtls_folder)
  if(NOT _s2n_folder OR NOT TARGET p256m OR NOT TARGET mbedcrypto)
    return()
  endif()
  set(dispatch "${PROJECT_BINARY_DIR}/curves/psa_crypto_driver_wrappers.h")
  _curves_dispatch(known "${mbedtls_folder}/library/psa_crypto_driver_wrappers.h" "${dispatch}")
  if(NOT known)
    return()
  endif()
  message(STATUS "P-256 and X25519 by s2n-bignum")

  list(TRANSFORM _s2n_functions PREPEND "${_s2n_folder}/x86_att/" OUTPUT_VARIABLE functions)
  list(TRANSFORM functions APPEND ".S")
  add_library(deps_s2n_bignum STATIC EXCLUDE_FROM_ALL ${functions})
  # aws-lc added an #include of a header that renames its symbols; there is nothing to rename here
  file(WRITE "${PROJECT_BINARY_DIR}/curves/openssl/boringssl_prefix_symbols_asm.h" "")
  target_include_directories(deps_s2n_bignum SYSTEM
    PRIVATE "${PROJECT_BINARY_DIR}/curves" PUBLIC "${_s2n_folder}/include")
  target_compile_definitions(deps_s2n_bignum PRIVATE S2N_BN_HIDE_SYMBOLS)

  list(TRANSFORM TUNNEL_CURVES_SOURCES PREPEND "${PROJECT_SOURCE_DIR}/lib/tls/drivers/" OUTPUT_VARIABLE sources)
  set_target_properties(p256m PROPERTIES SOURCES "${sources}")
  target_include_directories(p256m PRIVATE "${PROJECT_SOURCE_DIR}/lib")
  target_link_libraries(p256m PRIVATE deps_s2n_bignum tunnel_options)
  if(TUNNEL_AWS_LC_SOURCE)
    message(STATUS "RSA signatures by aws-lc")
    tunnel_add_aws_lc(aws_lc)
    target_sources(p256m PRIVATE "${PROJECT_SOURCE_DIR}/lib/tls/drivers/rsa.cpp")
    foreach(target IN ITEMS p256m mbedcrypto)
      target_compile_definitions(${target} PUBLIC TUNNEL_RSA_DRIVER)  # seen by accelerator.cpp
    endforeach()
    target_link_libraries(p256m PRIVATE ${aws_lc})
  endif()
  foreach(target IN ITEMS p256m mbedcrypto)
    target_compile_definitions(${target} PUBLIC TUNNEL_CURVES_DRIVER)  # seen by mbedtls_config.h
  endforeach()
  # a copy beside the changed file, so that its #include finds the changed file
  file(COPY_FILE "${mbedtls_folder}/library/psa_crypto.c" "${PROJECT_BINARY_DIR}/curves/psa_crypto.c" ONLY_IF_DIFFERENT)
  get_target_property(sources mbedcrypto SOURCES)
  list(TRANSFORM sources REPLACE "^psa_crypto\\.c$" "${PROJECT_BINARY_DIR}/curves/psa_crypto.c")
  set_target_properties(mbedcrypto PROPERTIES SOURCES "${sources}")
endfunction()
set(TUNNEL_CURVES_SOURCES p256.cpp psa_entry_points.cpp x25519.cpp)
