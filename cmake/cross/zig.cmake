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
  # CMake wants one word for each tool. zig doesn't know -Wp, which AWS-LC uses for one thing.
  foreach(_tool IN ITEMS cc c++)
    file(WRITE "${_tools}/${_tool}" "#!/bin/sh
for word; do
  shift
  [ \"$word\" != -Wp,-U_FORTIFY_SOURCE ] || word=-U_FORTIFY_SOURCE
  set -- \"$@\" \"$word\"
done
exec '${_zig}' ${_tool} -target ${ZIG_TARGET} \"$@\"
")
  endforeach()
  foreach(_tool IN ITEMS ar ranlib objcopy)
    file(WRITE "${_tools}/${_tool}" "#!/bin/sh\nexec '${_zig}' ${_tool} \"$@\"\n")
  endforeach()
  file(CHMOD "${_tools}/cc" "${_tools}/c++" "${_tools}/ar" "${_tools}/ranlib" "${_tools}/objcopy"
    PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
endif()

if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
  file(READ "${_tools}/cc" _text)
  string(REGEX MATCH "exec '([^']*)/zig'" _ "${_text}")
  set(TUNNEL_LINKED_LIBRARIES "${CMAKE_MATCH_1}/lib")
endif()
set(CMAKE_C_COMPILER "${_tools}/cc")
set(CMAKE_CXX_COMPILER "${_tools}/c++")
set(CMAKE_AR "${_tools}/ar" CACHE FILEPATH "")
set(CMAKE_RANLIB "${_tools}/ranlib" CACHE FILEPATH "")

# Ignore the host's libraries: they are for another system.
set(CMAKE_FIND_ROOT_PATH "${_tools}")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
