# Finds tests and registers them with CTest.
#
#   tests/<room>/*_test.cpp     one executable for each room: unit.<room>; *_windows_test.cpp only on Windows
#     and with TUNNEL_UNIT_TEST_SHARDS the slow ones as unit.<room>1 to unit.<room>N, run in parallel
#   tests/e2e/<scenario>.py     one test for each scenario: e2e.<scenario>
#     and again as .mbedtls, with records by mbedTLS, in the test preset
#     and its long form as soak.<scenario>, if it has one, in the soak preset
#   tests/fuzz/<name>_fuzz.cpp  a libFuzzer target in the fuzz preset; elsewhere its seeds are replayed: fuzz.<name>
find_package(Python3 3.9 REQUIRED COMPONENTS Interpreter)

set(TUNNEL_PEERS "${PROJECT_SOURCE_DIR}/build/peers" CACHE PATH "Third-party peers, fetched once for all presets")

set(TUNNEL_UNIT_TEST_SHARDS 1 CACHE STRING "Into how many tests the slow rooms' unit tests are divided")
set(_slow_rooms tls net relay)
add_custom_target(unit_tests)

set(_test_environment
  "ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1"
  "UBSAN_OPTIONS=print_stacktrace=1"
  "TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1")
# For another system, the tests need something that runs its programs: Wine, an emulator of its processor, or, for static
# programs, nothing but this machine (env).
set(_wine FALSE)
set(_emulated FALSE)
if(CMAKE_CROSSCOMPILING)
  if(NOT CMAKE_CROSSCOMPILING_EMULATOR)
    message(FATAL_ERROR "nothing here runs the tests of a program for ${CMAKE_SYSTEM_NAME} on ${CMAKE_SYSTEM_PROCESSOR}: "
      "install Wine for Windows (on Debian: wine64) or QEMU for another processor (qemu-user-static), or turn "
      "TUNNEL_TESTS off")
  endif()
  if(WIN32)
    set(_wine TRUE)
  elseif(NOT CMAKE_CROSSCOMPILING_EMULATOR STREQUAL "env")
    set(_emulated TRUE)
  endif()
endif()
if(_wine)
  # Quiet, without a display, with its own prefix (which the first start fills), and with names in UTF-8.
  list(APPEND _test_environment "WINEDEBUG=-all" "WINEPREFIX=${PROJECT_BINARY_DIR}/wine" "DISPLAY=" "LC_ALL=C.UTF-8")
  add_test(NAME wine.prefix COMMAND "${CMAKE_CROSSCOMPILING_EMULATOR}" cmd /c ver)
  set_tests_properties(wine.prefix PROPERTIES FIXTURES_SETUP wine TIMEOUT 300 ENVIRONMENT "${_test_environment}")
endif()

# Sanitizers, coverage and emulators are slow, so one pass through the tests is enough there.
set(_slow FALSE)
if(TUNNEL_SANITIZE OR TUNNEL_COVERAGE OR _wine OR _emulated)
  set(_slow TRUE)
endif()
set(_both_record_paths TRUE)
if(_slow OR CMAKE_CROSSCOMPILING OR TUNNEL_RECORDS_BY_MBEDTLS)
  set(_both_record_paths FALSE)
endif()
set(_records_by_mbedtls "TUNNEL_TEST_RECORDS=mbedtls")

# Sets the properties that all tests share, and the environment entries given.
function(_tunnel_test_properties name)
  set(environment ${_test_environment} ${ARGN})
  # under ThreadSanitizer the longest takes a minute on a free core; Wine's first programs wait for its services
  set(timeout 120)
  if(_slow)
    set(timeout 360)
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${timeout} ENVIRONMENT "${environment}")
  if(_wine)
    set_tests_properties(${name} PROPERTIES FIXTURES_REQUIRED wine)
  endif()
endfunction()

# Divides a room's tests into ranges of as many cases each; the last one has no end.
function(_tunnel_unit_test_shards room)
  set(cases 0)
  foreach(source IN LISTS ARGN)
    file(STRINGS "${source}" found REGEX "^TEST_CASE")
    list(LENGTH found count)
    math(EXPR cases "${cases} + ${count}")
  endforeach()
  foreach(shard RANGE 1 ${TUNNEL_UNIT_TEST_SHARDS})
    math(EXPR first "(${shard} - 1) * ${cases} / ${TUNNEL_UNIT_TEST_SHARDS} + 1")
    math(EXPR last "${shard} * ${cases} / ${TUNNEL_UNIT_TEST_SHARDS}")
    set(range --first=${first})
    if(NOT shard EQUAL TUNNEL_UNIT_TEST_SHARDS)
      list(APPEND range --last=${last})
    endif()
    add_test(NAME unit.${room}${shard} COMMAND test_${room} ${range})
    _tunnel_test_properties(unit.${room}${shard})
  endforeach()
endfunction()

# Builds one executable from every tests/<room>/*_test.cpp, linked to lib_<room> and the other libraries given.
function(tunnel_unit_tests room)
  file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/${room}/*_test.cpp")
  if(NOT WIN32)
    list(FILTER sources EXCLUDE REGEX "_windows_test\\.cpp$")
  endif()
  if(NOT sources)
    return()
  endif()
  if(NOT TARGET test_main)
    add_library(test_main OBJECT "${PROJECT_SOURCE_DIR}/tests/unit_main.cpp")
    target_link_libraries(test_main PUBLIC deps::doctest)
  endif()
  add_executable(test_${room} ${sources})
  target_link_libraries(test_${room} PRIVATE lib_${room} ${ARGN} test_main tunnel_options)
  target_include_directories(test_${room} PRIVATE "${PROJECT_SOURCE_DIR}/tests")
  target_compile_definitions(test_${room} PRIVATE TUNNEL_TESTS_DIR="${PROJECT_SOURCE_DIR}/tests")
  # GCC 12 has false alarms about the standard library's strings, once its headers are precompiled
  target_compile_options(test_${room} PRIVATE
    "$<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds;-Wno-stringop-overflow>")
  if(room STREQUAL "base")
    target_precompile_headers(test_base PRIVATE <doctest/doctest.h> ${tunnel_common_headers})
  else()
    target_precompile_headers(test_${room} REUSE_FROM test_base)
  endif()
  add_dependencies(unit_tests test_${room})
  if(TUNNEL_UNIT_TEST_SHARDS GREATER 1 AND room IN_LIST _slow_rooms)
    _tunnel_unit_test_shards(${room} ${sources})
  else()
    add_test(NAME unit.${room} COMMAND test_${room})
    _tunnel_test_properties(unit.${room})
  endif()
  if(_both_record_paths AND room MATCHES "^(tls|net|relay)$")
    add_test(NAME unit.${room}.mbedtls COMMAND test_${room})
    _tunnel_test_properties(unit.${room}.mbedtls ${_records_by_mbedtls})
  endif()
  if(room STREQUAL "tls")
    # what depends on the AEAD library, once with each in this build
    set(by_aead "--source-file=*/aead_*,*/record_*,*/engine_*,*/fragments_*,*/resumption_*")
    foreach(source IN LISTS TUNNEL_AEAD_SOURCES)
      cmake_path(GET source STEM library)
      string(REPLACE "_" "-" library "${library}")
      add_test(NAME unit.tls.${library} COMMAND test_tls ${by_aead})
      _tunnel_test_properties(unit.tls.${library} "TUNNEL_TEST_AEAD=${library}")
    endforeach()
  endif()
endfunction()

# Registers one scenario as a test, with the properties in its first lines. Further arguments go to add_test().
function(_tunnel_e2e_test test scenario wishes environment)
  # not the target Python3::Interpreter: CMake would run it under Wine, which loses its exit status
  add_test(NAME ${test} COMMAND "${Python3_EXECUTABLE}" -B "${scenario}" ${ARGN})
  _tunnel_test_properties(${test})
  set_tests_properties(${test} PROPERTIES ENVIRONMENT "${environment}" SKIP_RETURN_CODE 77)
  if(wishes MATCHES "timeout=([0-9]+)")
    set_tests_properties(${test} PROPERTIES TIMEOUT ${CMAKE_MATCH_1})
  endif()
  if(wishes MATCHES "cost=([0-9]+)")
    set_tests_properties(${test} PROPERTIES COST ${CMAKE_MATCH_1})
  endif()
  if(wishes MATCHES "run_serial")
    set_tests_properties(${test} PROPERTIES RUN_SERIAL TRUE)
  endif()
  if(wishes MATCHES "label=([a-z0-9_]+)")
    set_tests_properties(${test} PROPERTIES LABELS ${CMAKE_MATCH_1})
  endif()
endfunction()

# Registers every tests/e2e/*.py, with the properties in its first lines:
#   # ctest: timeout=300         the time limit, in seconds
#   # ctest: cost=90             about how many seconds it takes: the longest begin first
#   # ctest: soak=900            has a long form, with this time limit
#   # ctest: run_serial          runs alone
#   # ctest: label=wine          also runs against the Windows program
#   # ctest: portable            also runs where other scenarios can't: on macOS, and for another processor under an emulator
#   # ctest: windows_only        runs only against the Windows program
#   # ctest: one_record_path     has no TLS, or needs something that mbedTLS's own records can't do
#   # ctest: without_ubsan       leaves no file descriptors: UBSan checks an object's type through a pipe, and without
#                                one takes every object for a bad one
#   # ctest: without_sanitizers  preloads a library, but a sanitizer must be the first library loaded; or tests files alone
#   # ctest: preloads            preloads a library, which a static program ignores
function(tunnel_e2e_tests)
  file(GLOB scenarios CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/e2e/*.py")
  if(NOT scenarios)
    return()
  endif()
  set(notes "${PROJECT_BINARY_DIR}/not_run")
  set(environment ${_test_environment} "TUNNEL_PEERS=${TUNNEL_PEERS}" "TUNNEL_NOT_RUN=${notes}")
  set(left_out 0)
  set(binary "$<TARGET_FILE:tunnel>")
  if(_wine OR _emulated)
    set(binary "${CMAKE_CROSSCOMPILING_EMULATOR} ${binary}")
  endif()
  list(APPEND environment "TUNNEL_BINARY=${binary}" "TUNNEL_RELEASED=$<TARGET_FILE:tunnel_released>")
  if(_wine)
    list(APPEND environment "TUNNEL_ASK=${CMAKE_CROSSCOMPILING_EMULATOR} $<TARGET_FILE:ask_windows>")
  endif()
  if(TUNNEL_SANITIZE OR _emulated)
    list(APPEND environment "TUNNEL_SANITIZED=1")
  elseif(TUNNEL_COVERAGE)
    list(APPEND environment "TUNNEL_SANITIZED=1" "TUNNEL_FAILING_MALLOC=$<TARGET_FILE:failing_malloc>")
  elseif(NOT CMAKE_CROSSCOMPILING)
    list(APPEND environment "TUNNEL_FAILING_MALLOC=$<TARGET_FILE:failing_malloc>")
  endif()
  foreach(scenario IN LISTS scenarios)
    cmake_path(GET scenario STEM name)
    file(STRINGS "${scenario}" wishes REGEX "^# ctest: " LIMIT_INPUT 2000)
    if(name MATCHES "^_" OR (_wine AND NOT wishes MATCHES "label=wine")
        OR (CMAKE_CROSSCOMPILING AND wishes MATCHES "preloads")
        OR (NOT _wine AND wishes MATCHES "windows_only")
        OR (TUNNEL_SANITIZE MATCHES "undefined" AND wishes MATCHES "without_ubsan")
        OR (TUNNEL_SANITIZE AND wishes MATCHES "without_sanitizers"))
      continue()
    endif()
    if((_emulated OR NOT CMAKE_SYSTEM_NAME MATCHES "Linux|Windows") AND NOT wishes MATCHES "portable")
      math(EXPR left_out "${left_out} + 1")
      continue()
    endif()
    # These lines are read at configure time.
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${scenario}")
    _tunnel_e2e_test(e2e.${name} "${scenario}" "${wishes}" "${environment}")
    if(wishes MATCHES "soak=([0-9]+)")
      # CTest skips it unless run with this configuration
      _tunnel_e2e_test(soak.${name} "${scenario}" "run_serial label=soak timeout=${CMAKE_MATCH_1}"
        "${environment};TUNNEL_SOAK=1" CONFIGURATIONS soak)
    endif()
    if(_both_record_paths AND NOT wishes MATCHES "one_record_path")
      _tunnel_e2e_test(e2e.${name}.mbedtls "${scenario}" "${wishes}" "${environment};${_records_by_mbedtls}")
    endif()
  endforeach()
  file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/CTestCustom.cmake" CONTENT [[
set(CTEST_CUSTOM_PRE_TEST "\"@CMAKE_COMMAND@\" -E rm -rf \"@notes@\"")
set(CTEST_CUSTOM_POST_TEST "\"@Python3_EXECUTABLE@\" -B \"@PROJECT_SOURCE_DIR@/tests/not_run.py\" --notes \"@notes@\" --left-out @left_out@")
]] @ONLY)
endfunction()

# Gets the third-party programs that scenarios talk to. It is part of the build, so that a missing one fails early.
function(tunnel_peers)
  set(get "${PROJECT_SOURCE_DIR}/tests/peers/get.py")
  if(EXISTS "${get}")
    add_custom_target(peers ALL COMMAND Python3::Interpreter -B "${get}" --into "${TUNNEL_PEERS}"
      COMMENT "Getting the peers of the end-to-end tests" VERBATIM)
  endif()
endfunction()

# Adds a fuzzer for each tests/fuzz/<name>_fuzz.cpp; its seeds are the files in tests/fuzz/seeds/<name>.
function(tunnel_fuzzers)
  file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/fuzz/*_fuzz.cpp")
  add_custom_target(fuzzers)
  if(NOT TUNNEL_FUZZ)
    add_library(fuzz_replay OBJECT "${PROJECT_SOURCE_DIR}/tests/fuzz/replay.cpp")
    target_link_libraries(fuzz_replay PRIVATE tunnel_options)
  endif()
  foreach(source IN LISTS sources)
    cmake_path(GET source STEM stem)
    string(REGEX REPLACE "_fuzz$" "" name "${stem}")
    add_executable(fuzz_${name} "${source}")
    target_link_libraries(fuzz_${name} PRIVATE ${ARGN} tunnel_options)
    target_include_directories(fuzz_${name} PRIVATE "${PROJECT_SOURCE_DIR}/tests")
    if(TUNNEL_FUZZ)
      target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    else()
      target_link_libraries(fuzz_${name} PRIVATE fuzz_replay)
      add_test(NAME fuzz.${name} COMMAND fuzz_${name} "${PROJECT_SOURCE_DIR}/tests/fuzz/seeds/${name}")
      _tunnel_test_properties(fuzz.${name})
    endif()
    add_dependencies(fuzzers fuzz_${name})
  endforeach()
endfunction()

# coverage_report prints the share of lines that have run since the last build.
function(tunnel_coverage)
  set(coverage Python3::Interpreter -B "${PROJECT_SOURCE_DIR}/cmake/coverage.py" --build "${PROJECT_BINARY_DIR}")
  add_custom_target(coverage_reset ALL COMMAND ${coverage} --reset VERBATIM)
  add_custom_target(coverage_report COMMAND ${coverage} USES_TERMINAL VERBATIM)
endfunction()
