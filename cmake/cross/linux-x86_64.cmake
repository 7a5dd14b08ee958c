# Toolchain: static programs for Linux on x86-64, by zig with musl.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(ZIG_TARGET x86_64-linux-musl)
set(CMAKE_EXE_LINKER_FLAGS_INIT "-s")
include("${CMAKE_CURRENT_LIST_DIR}/zig.cmake")
