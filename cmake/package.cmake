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
set(CPACK_STRIP_FILES TRUE)
set(CPACK_PACKAGE_FILE_NAME "tunnel-${PROJECT_VERSION}-${CMAKE_SYSTEM_NAME}-${CMAKE_SYSTEM_PROCESSOR}")
set(CPACK_PRE_BUILD_SCRIPTS "${CMAKE_CURRENT_LIST_DIR}/package_layout.cmake")
set(CPACK_POST_BUILD_SCRIPTS "${CMAKE_CURRENT_LIST_DIR}/package_sums.cmake")

if(WIN32)
  set(CPACK_GENERATOR ZIP)
elseif(APPLE)
  set(CPACK_GENERATOR TXZ)
else()
  set(CPACK_GENERATOR TXZ)
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

set(_scripts "${PROJECT_SOURCE_DIR}/packaging/debian")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS ca-certificates)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA "${_scripts}/postinst;${_scripts}/prerm;${_scripts}/postrm")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION TRUE)

set(CPACK_TUNNEL_LINTIAN_OVERRIDES "${_scripts}/lintian-overrides")

set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_PACKAGE_LICENSE "Apache-2.0")
set(CPACK_RPM_PACKAGE_GROUP "Applications/Internet")
set(CPACK_RPM_POST_INSTALL_SCRIPT_FILE "${PROJECT_SOURCE_DIR}/packaging/rpm/post")
set(CPACK_RPM_PRE_UNINSTALL_SCRIPT_FILE "${PROJECT_SOURCE_DIR}/packaging/rpm/preun")
set(CPACK_RPM_POST_UNINSTALL_SCRIPT_FILE "${PROJECT_SOURCE_DIR}/packaging/rpm/postun")
# these belong to the system
set(CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION /usr/lib/systemd /usr/lib/systemd/system /usr/lib/sysusers.d
  /usr/lib/tmpfiles.d /usr/share/bash-completion /usr/share/bash-completion/completions /usr/share/zsh
  /usr/share/zsh/site-functions /usr/share/fish /usr/share/fish/vendor_completions.d /usr/share/man/man1
  /usr/share/man/man5 /usr/share/man/man7)
set(CPACK_RPM_SPEC_MORE_DEFINE "%define _build_id_links none")

include(CPack)
