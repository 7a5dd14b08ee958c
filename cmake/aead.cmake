# The libraries behind lib/tls/record/aead. Sets TUNNEL_AEAD_SOURCES and deps::aead to what this build has.
set(TUNNEL_AEAD auto CACHE STRING
  "AEAD back-ends: auto (aws-lc, without it the others), all, or a list of aws-lc, ipsec-mb, libsodium and psa")
include(aws_lc)

add_library(deps_aead INTERFACE)
add_library(deps::aead ALIAS deps_aead)

# Sets `header`, `library` and `version` in the caller if that pair is recent enough and links. CMake caches none of
# them.
# The header must come from beside the library: an older one of the system would go unnoticed.
function(_aead_try name folder_options)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "HEADER;FLOOR;CALL;VERSION_HEADER;VERSION" "LIBRARIES")
  unset(include)
  unset(library)
  find_path(include "${arg_HEADER}" NO_CACHE ${folder_options})
  find_library(library NAMES ${arg_LIBRARIES} NO_CACHE ${folder_options})
  set(header)
  if(include AND library)
    _deps_header_version(version "${include}/${arg_VERSION_HEADER}" "${arg_VERSION}")
    if(version VERSION_LESS arg_FLOOR)
      message(STATUS "${name} ${version} is too old for an AEAD back-end: ${arg_FLOOR} or later is needed")
    else()
      # An archive from a newer system may need a newer C library than this system has.
      string(MAKE_C_IDENTIFIER "${name}" id)
      set(program "${PROJECT_BINARY_DIR}/CMakeFiles/aead_${id}/links.c")
      file(WRITE "${program}" "#include <${arg_HEADER}>\nint main(void) { ${arg_CALL}; return 0; }\n")
      set(CMAKE_TRY_COMPILE_TARGET_TYPE EXECUTABLE)
      try_compile(links "${PROJECT_BINARY_DIR}/CMakeFiles/aead_${id}/links" SOURCES "${program}"
        CMAKE_FLAGS "-DINCLUDE_DIRECTORIES=${include}" LINK_LIBRARIES "${library}" OUTPUT_VARIABLE output)
      if(links)
        set(header "${include}")
      else()
        message(STATUS "${library} does not link here; ${PROJECT_BINARY_DIR}/CMakeFiles/aead_${id}/output says why")
        file(WRITE "${PROJECT_BINARY_DIR}/CMakeFiles/aead_${id}/output" "${output}")
      endif()
      unset(links CACHE)
    endif()
  endif()
  return(PROPAGATE header library version)
endfunction()

# Adds a back-end if its library is available from the system, or from a package of the system's own suite. With auto,
# none is added beside aws-lc, which does everything that the others do.
function(_aead_backend name source package)
  cmake_parse_arguments(PARSE_ARGV 3 arg "" "RUNS" "")
  if(NOT TUNNEL_AEAD MATCHES "^(auto|all)$" AND NOT name IN_LIST TUNNEL_AEAD)
    return()
  endif()
  if(TUNNEL_AEAD STREQUAL "auto" AND "aead/aws_lc.cpp" IN_LIST TUNNEL_AEAD_SOURCES)
    return()
  endif()
  _aead_try(${name} "" ${arg_UNPARSED_ARGUMENTS})
  set(origin "the system")
  if(NOT header AND COMMAND tunnel_distribution_library)
    tunnel_distribution_library(${package} folder)
    if(folder)
      set(only_there NO_DEFAULT_PATH NO_CMAKE_FIND_ROOT_PATH
        PATHS "${folder}/usr/include" "${folder}/usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}")
      _aead_try(${name} "${only_there}" ${arg_UNPARSED_ARGUMENTS})
      set(origin "the distribution")
    endif()
  endif()
  if(NOT header)
    if(NOT TUNNEL_AEAD MATCHES "^(auto|all)$")
      message(FATAL_ERROR "TUNNEL_AEAD names ${name}, which is not to be had: install it (on Debian: ${package}), name "
        "its prefix with -DCMAKE_PREFIX_PATH=FOLDER, or leave it out of TUNNEL_AEAD")
    endif()
    message(STATUS "${name} is not to be had (on Debian: ${package}): built without that AEAD back-end")
    return()
  endif()
  message(STATUS "${name} ${version} from ${origin}")
  set_property(GLOBAL APPEND PROPERTY TUNNEL_AEAD_LIBRARIES ${name} "${version}" "${origin}")
  target_include_directories(deps_aead SYSTEM INTERFACE "${header}")
  target_link_libraries(deps_aead INTERFACE "${library}")
  set(TUNNEL_AEAD_SOURCES ${TUNNEL_AEAD_SOURCES} aead/${source}.cpp PARENT_SCOPE)
  set(_aead_uses "${_aead_uses} use(${source}, ${arg_RUNS})" PARENT_SCOPE)
endfunction()

foreach(_name IN LISTS TUNNEL_AEAD)
  if(NOT TUNNEL_AEAD MATCHES "^(auto|all)$" AND NOT _name MATCHES "^(aws-lc|ipsec-mb|libsodium|psa)$")
    message(FATAL_ERROR "TUNNEL_AEAD: unknown back-end \"${_name}\"; there are aws-lc, ipsec-mb, libsodium and psa, or "
      "auto or all alone")
  endif()
endforeach()

# Best first; lib/tls/record/aead/aead.cpp has the figures. Static archives come first, to keep tunnel a single binary.
set(TUNNEL_AEAD_SOURCES)
set(_aead_uses)
if(TUNNEL_AEAD MATCHES "^(auto|all)$" OR "aws-lc" IN_LIST TUNNEL_AEAD)
  if(TUNNEL_AWS_LC_FOUND)
    target_link_libraries(deps_aead INTERFACE deps::aws_lc)
    list(APPEND TUNNEL_AEAD_SOURCES aead/aws_lc.cpp)
    string(APPEND _aead_uses " use(aws_lc, true)")
  elseif(NOT TUNNEL_AEAD MATCHES "^(auto|all)$")
    message(FATAL_ERROR "TUNNEL_AEAD names aws-lc, which is not to be had: name the folder of its source with "
      "-DTUNNEL_AWS_LC=FOLDER, or leave it out of TUNNEL_AEAD")
  endif()
endif()
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$" AND CMAKE_SIZEOF_VOID_P EQUAL 8)
  _aead_backend(ipsec-mb ipsec_mb libipsec-mb-dev FLOOR 1.3 LIBRARIES libIPSec_MB.a IPSec_MB CALL "alloc_mb_mgr(0)"
    RUNS [[__builtin_cpu_supports("aes") && __builtin_cpu_supports("pclmul")]]
    HEADER intel-ipsec-mb.h VERSION_HEADER intel-ipsec-mb.h VERSION "IMB_VERSION_STR \"([0-9.]+)")
elseif("ipsec-mb" IN_LIST TUNNEL_AEAD)
  message(FATAL_ERROR "TUNNEL_AEAD names ipsec-mb, which is for x86-64 only: leave it out")
endif()
_aead_backend(libsodium libsodium libsodium-dev FLOOR 1.0.18 LIBRARIES libsodium.a sodium CALL "sodium_init()"
  RUNS true
  HEADER sodium.h VERSION_HEADER sodium/version.h VERSION "SODIUM_VERSION_STRING \"([0-9.]+)")
list(APPEND TUNNEL_AEAD_SOURCES aead/psa.cpp)
string(STRIP "${_aead_uses} use(psa, true)" _aead_uses)

configure_file(cmake/aead_list.hpp.in generated/built/aead_list.hpp @ONLY)
target_include_directories(deps_aead INTERFACE "${PROJECT_BINARY_DIR}/generated")
