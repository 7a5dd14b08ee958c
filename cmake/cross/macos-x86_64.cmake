# Toolchain: programs for Macs with an Intel processor, by zig, with declarations of the few functions of Apple's frameworks that are used.
set(CMAKE_SYSTEM_NAME Darwin)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(ZIG_TARGET x86_64-macos.12.0)
include("${CMAKE_CURRENT_LIST_DIR}/zig.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/macos_sdk.cmake")
