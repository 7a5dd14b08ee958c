# Toolchain: static programs for Linux on 32-bit ARM (ARMv7 with floating point, as on a Raspberry Pi 2 and later), by zig
# with musl.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR armv7)
set(ZIG_TARGET arm-linux-musleabihf)
set(CMAKE_EXE_LINKER_FLAGS_INIT "-s")
include("${CMAKE_CURRENT_LIST_DIR}/zig.cmake")
