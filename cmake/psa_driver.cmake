# P-256, X25519 and RSA for the mbedTLS that is compiled here, by AWS-LC behind our PSA driver in lib/tls/drivers.
include_guard()
include(aws_lc)
option(TUNNEL_PSA_DRIVER "Leave P-256, X25519 and RSA to AWS-LC where it is there; mbedTLS takes several times as long" ON)

set(TUNNEL_PSA_DRIVER_SOURCES p256.cpp psa_entry_points.cpp rsa.cpp x25519.cpp)

# Sets `result` to whether mbedTLS gets the driver, whose dispatch is then patched.
function(tunnel_has_psa_driver result)
  if(TUNNEL_PSA_DRIVER AND TUNNEL_AWS_LC_FOUND)
    set(${result} TRUE PARENT_SCOPE)
  else()
    set(${result} FALSE PARENT_SCOPE)
    message(STATUS "P-256, X25519 and RSA by mbedTLS itself, which is slower")
  endif()
endfunction()

# Puts the driver in the place of mbedTLS's own for P-256. `crypto` is mbedTLS's library of primitives, and `targets` are
# all that read its configuration.
function(tunnel_add_psa_driver crypto targets)
  message(STATUS "P-256, X25519 and RSA by aws-lc")
  list(TRANSFORM TUNNEL_PSA_DRIVER_SOURCES PREPEND "${PROJECT_SOURCE_DIR}/lib/tls/drivers/" OUTPUT_VARIABLE sources)
  # 4.x asks it for warnings that C++ hasn't, of which the compiler warns
  get_target_property(options p256m COMPILE_OPTIONS)
  string(REGEX REPLACE "-W[a-z0-9=-]+" "" options "${options}")
  set_target_properties(p256m PROPERTIES SOURCES "${sources}" COMPILE_OPTIONS "${options}")
  target_include_directories(p256m PRIVATE "${PROJECT_SOURCE_DIR}/lib")
  target_link_libraries(p256m PRIVATE deps::aws_lc tunnel_options)
  target_link_libraries(${crypto} PRIVATE deps::aws_lc)  # 4.x takes only the objects of p256m
  foreach(target IN LISTS targets)
    target_compile_definitions(${target} PUBLIC TUNNEL_PSA_DRIVER)  # seen by the configuration and accelerator.cpp
  endforeach()
endfunction()
