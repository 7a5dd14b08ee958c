# In place of Apple's SDK: the frameworks' declarations in macos_sdk/, and none of its tools.
set(CMAKE_OSX_SYSROOT "")
set(CMAKE_INSTALL_NAME_TOOL "true" CACHE STRING "")
set(_frameworks "-F${CMAKE_CURRENT_LIST_DIR}/macos_sdk")
set(CMAKE_C_FLAGS_INIT "${_frameworks}")
set(CMAKE_CXX_FLAGS_INIT "${_frameworks}")
