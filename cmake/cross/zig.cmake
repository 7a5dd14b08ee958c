# What the toolchains by zig have in common. It is included with ZIG_TARGET set, zig's name of the target, as in
# "aarch64-macos.12.0". zig's clang comes with libc++, and with the C library's headers of each system.
set(_folder "${CMAKE_CURRENT_LIST_DIR}/../../build/zig")
cmake_path(NORMAL_PATH _folder)
set(_tools "${_folder}/${ZIG_TARGET}")

if(NOT EXISTS "${_tools}/c++")
  find_program(_zig zig NO_CACHE)
  if(NOT _zig)
    find_program(_python NAMES python3 python REQUIRED NO_CACHE)
    execute_process(COMMAND "${_python}" -B "${CMAKE_CURRENT_LIST_DIR}/get_zig.py" --into "${_folder}/package"
      OUTPUT_VARIABLE _zig OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  endif()
  # For a Mac, assembly goes without its tables for unwinding: zig's linker crashes on those of a function without a symbol.
  # A register may begin with %, and %% and ; end a statement.
  set(_assemble "")
  if(CMAKE_SYSTEM_NAME STREQUAL "Darwin")
    set(_assemble "
if [ \"$assembly\" ]; then
  '${_zig}' cc -target ${ZIG_TARGET} \"$@\" -E -o \"$output.s\" || exit
  sed -i 's/[.]cfi_[a-z_]*[^;%]*\\(%[a-z][^;%]*\\)*//g' \"$output.s\"
  exec '${_zig}' cc -target ${ZIG_TARGET} -c \"$output.s\" -o \"$output\"
fi
")
  endif()
  # CMake wants one word for each tool. zig doesn't know -Wp, which AWS-LC uses for one thing.
  foreach(_tool IN ITEMS cc c++)
    file(WRITE "${_tools}/${_tool}" "#!/bin/sh
assembly= output= before=
for word; do
  shift
  case $word in
    -Wp,-U_FORTIFY_SOURCE) word=-U_FORTIFY_SOURCE ;;
    *.S) assembly=$word ;;
  esac
  [ \"$before\" != -o ] || output=$word
  before=$word
  set -- \"$@\" \"$word\"
done
${_assemble}exec '${_zig}' ${_tool} -target ${ZIG_TARGET} \"$@\"
")
  endforeach()
  foreach(_tool IN ITEMS ar ranlib objcopy)
    file(WRITE "${_tools}/${_tool}" "#!/bin/sh\nexec '${_zig}' ${_tool} \"$@\"\n")
  endforeach()
  # CMake's words for a resource compiler differ by its kind; the source and the object are the last two in any case.
  file(WRITE "${_tools}/rc" "#!/bin/sh
while [ $# -gt 2 ]; do shift; done
case $1 in
  *.rc) exec '${_zig}' rc -- \"$1\" \"$2\" ;;
  *) exec '${_zig}' rc -- \"$2\" \"$1\" ;;
esac
")
  file(WRITE "${_tools}/zig.path" "${_zig}")
  file(CHMOD "${_tools}/cc" "${_tools}/c++" "${_tools}/ar" "${_tools}/ranlib" "${_tools}/objcopy" "${_tools}/rc"
    PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
endif()

if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
  file(READ "${_tools}/zig.path" _zig)
  cmake_path(GET _zig PARENT_PATH _zig)
  set(TUNNEL_LINKED_LIBRARIES "${_zig}/lib")
  # What is built can run here: as it is, or under an emulator of its processor.
  cmake_host_system_information(RESULT _host QUERY OS_PLATFORM)
  if(CMAKE_SYSTEM_PROCESSOR STREQUAL _host)
    set(CMAKE_CROSSCOMPILING_EMULATOR env)
  else()
    string(REGEX REPLACE "^armv.*" "arm" _processor "${CMAKE_SYSTEM_PROCESSOR}")
    find_program(TUNNEL_QEMU NAMES qemu-${_processor}-static qemu-${_processor} NO_CMAKE_FIND_ROOT_PATH)
    mark_as_advanced(TUNNEL_QEMU)
    if(TUNNEL_QEMU)
      set(CMAKE_CROSSCOMPILING_EMULATOR "${TUNNEL_QEMU}")
    endif()
  endif()
endif()
set(CMAKE_C_COMPILER "${_tools}/cc")
set(CMAKE_CXX_COMPILER "${_tools}/c++")
set(CMAKE_RC_COMPILER "${_tools}/rc")
set(CMAKE_AR "${_tools}/ar" CACHE FILEPATH "")
set(CMAKE_RANLIB "${_tools}/ranlib" CACHE FILEPATH "")

# Ignore the host's libraries: they are for another system.
set(CMAKE_FIND_ROOT_PATH "${_tools}")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
