# Toolchain: programs for Windows on ARM, by zig with MinGW's headers.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR ARM64)
set(ZIG_TARGET aarch64-windows-gnu)
set(CMAKE_EXE_LINKER_FLAGS_INIT "-s")
include("${CMAKE_CURRENT_LIST_DIR}/zig.cmake")
set(CMAKE_C_FLAGS_INIT "-isystem \"${CMAKE_CURRENT_LIST_DIR}/windows_pthread\"")
set(CMAKE_CXX_FLAGS_INIT "${CMAKE_C_FLAGS_INIT}")
