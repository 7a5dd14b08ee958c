# Toolchain: Windows programs for x86-64 with MinGW-w64 (posix threads), static, run under Wine.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(_prefix x86_64-w64-mingw32)
set(CMAKE_C_COMPILER ${_prefix}-gcc-posix)
set(CMAKE_CXX_COMPILER ${_prefix}-g++-posix)
set(CMAKE_RC_COMPILER ${_prefix}-windres)
set(CMAKE_EXE_LINKER_FLAGS_INIT "-static")

# Ignore the host's libraries: they are for another system.
set(CMAKE_FIND_ROOT_PATH /usr/${_prefix})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

# Debian's wine64 package installs its program outside PATH.
find_program(TUNNEL_WINE NAMES wine64 wine wine64-stable PATHS /usr/lib/wine NO_CMAKE_FIND_ROOT_PATH)
mark_as_advanced(TUNNEL_WINE)
if(TUNNEL_WINE)
  set(CMAKE_CROSSCOMPILING_EMULATOR "${TUNNEL_WINE}")
endif()
