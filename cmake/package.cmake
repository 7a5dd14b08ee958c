# Packages by CPack, in dist/: cmake --workflow --preset package
set(CPACK_PACKAGE_VENDOR "tunnel")
set(TUNNEL_MAINTAINER "tunnel maintainers <maintainers@tunnel.example>" CACHE STRING
  "Who answers for the packages that are built here: NAME <ADDRESS>")
set(CPACK_PACKAGE_CONTACT "${TUNNEL_MAINTAINER}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "TLS tunnel for devices and programs that can't encrypt")
set(CPACK_PACKAGE_DESCRIPTION "tunnel puts TLS around TCP connections: the client on a laptop, and the
relay in front of a device that speaks VNC, HTTP or Modbus. It checks the
certificate and the name by default, carries every byte and every end of a
stream, and says in plain words what is wrong and what to do next.")
set(CPACK_PACKAGE_DIRECTORY "${PROJECT_SOURCE_DIR}/dist")
set(CPACK_PACKAGE_CHECKSUM)  # SHA256SUMS has them all
set(CPACK_RESOURCE_FILE_LICENSE "${PROJECT_SOURCE_DIR}/LICENSE")
if(NOT CMAKE_CROSSCOMPILING OR MINGW)
  set(CPACK_STRIP_FILES TRUE)  # elsewhere the linker does it
endif()
set(CPACK_PACKAGE_FILE_NAME "tunnel-${PROJECT_VERSION}-${TUNNEL_SYSTEM}-${TUNNEL_PROCESSOR}")
set(CPACK_PRE_BUILD_SCRIPTS "${CMAKE_CURRENT_LIST_DIR}/package_layout.cmake")
set(CPACK_TUNNEL_SBOM "${TUNNEL_SBOM}")
set(CPACK_POST_BUILD_SCRIPTS "${CMAKE_CURRENT_LIST_DIR}/package_sums.cmake")

if(WIN32)
  set(CPACK_GENERATOR ZIP)
  find_program(TUNNEL_MAKENSIS makensis PATHS "$ENV{ProgramFiles\(x86\)}/NSIS" NO_CMAKE_FIND_ROOT_PATH)
  mark_as_advanced(TUNNEL_MAKENSIS)
  if(TUNNEL_MAKENSIS)
    list(APPEND CPACK_GENERATOR External)
    set(CPACK_EXTERNAL_ENABLE_STAGING TRUE)
    set(CPACK_EXTERNAL_PACKAGE_SCRIPT "${CMAKE_CURRENT_LIST_DIR}/package_installer.cmake")
    set(CPACK_TUNNEL_MAKENSIS "${TUNNEL_MAKENSIS}")
    set(CPACK_TUNNEL_INSTALLER "${PROJECT_SOURCE_DIR}/packaging/windows/installer.nsi")
    set(CPACK_TUNNEL_INSTALLER_TARGET amd64-unicode)
    if(TUNNEL_PROCESSOR STREQUAL "arm64")
      set(CPACK_TUNNEL_INSTALLER_TARGET x86-unicode)  # makensis has none for ARM, and Windows on ARM runs it
    endif()
  endif()
elseif(APPLE)
  set(CPACK_GENERATOR TXZ)
elseif(CMAKE_CROSSCOMPILING)
  # static: the archive for every system, and the .deb for where no other has been built
  set(CPACK_GENERATOR TXZ)
  if(NOT TUNNEL_PROCESSOR STREQUAL "x86_64")
    list(APPEND CPACK_GENERATOR DEB)
  endif()
else()
  set(CPACK_GENERATOR TXZ)
  string(APPEND CPACK_PACKAGE_FILE_NAME "-dynamic")  # it needs a C library that is as new as this system's
  find_program(TUNNEL_DPKG_SHLIBDEPS dpkg-shlibdeps)
  find_program(TUNNEL_RPMBUILD rpmbuild)
  mark_as_advanced(TUNNEL_DPKG_SHLIBDEPS TUNNEL_RPMBUILD)
  if(TUNNEL_DPKG_SHLIBDEPS)
    list(APPEND CPACK_GENERATOR DEB)
  endif()
  if(TUNNEL_RPMBUILD)
    list(APPEND CPACK_GENERATOR RPM)
  endif()
endif()

set(_scripts "${PROJECT_SOURCE_DIR}/packaging/linux")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
if(CMAKE_CROSSCOMPILING)
  string(REGEX REPLACE "^armv7$" "armhf" CPACK_DEBIAN_PACKAGE_ARCHITECTURE "${TUNNEL_PROCESSOR}")
else()
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
endif()
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS ca-certificates)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA "${_scripts}/postinst;${_scripts}/prerm;${_scripts}/postrm")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION TRUE)

set(CPACK_TUNNEL_LINTIAN_OVERRIDES "${_scripts}/lintian-overrides")

set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_PACKAGE_LICENSE "Apache-2.0")
set(CPACK_RPM_PACKAGE_GROUP "Applications/Internet")
set(CPACK_RPM_POST_INSTALL_SCRIPT_FILE "${_scripts}/postinst")
set(CPACK_RPM_PRE_UNINSTALL_SCRIPT_FILE "${_scripts}/prerm")
set(CPACK_RPM_POST_UNINSTALL_SCRIPT_FILE "${_scripts}/postrm")
# these belong to the system
set(CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION /usr/lib/systemd /usr/lib/systemd/system /usr/lib/sysusers.d
  /usr/lib/tmpfiles.d /usr/share/bash-completion /usr/share/bash-completion/completions /usr/share/zsh
  /usr/share/zsh/site-functions /usr/share/fish /usr/share/fish/vendor_completions.d /usr/share/man/man1
  /usr/share/man/man5 /usr/share/man/man7)
set(CPACK_RPM_SPEC_MORE_DEFINE "%define _build_id_links none")

include(CPack)
