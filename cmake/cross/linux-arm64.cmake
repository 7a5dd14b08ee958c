# Toolchain: static programs for Linux on 64-bit ARM, by zig with musl.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(ZIG_TARGET aarch64-linux-musl)
set(CMAKE_EXE_LINKER_FLAGS_INIT "-s")
include("${CMAKE_CURRENT_LIST_DIR}/zig.cmake")
