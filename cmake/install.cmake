# Files for `cmake --install`: the program, its manual, its examples.
include(GNUInstallDirs)

install(TARGETS tunnel RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
install(FILES man/tunnel.1 DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")
install(FILES man/tunnel.toml.5 DESTINATION "${CMAKE_INSTALL_MANDIR}/man5")
install(FILES man/tunnel-security.7 DESTINATION "${CMAKE_INSTALL_MANDIR}/man7")
install(DIRECTORY conf/ DESTINATION "${CMAKE_INSTALL_DOCDIR}/conf" FILES_MATCHING
  PATTERN "*.toml" PATTERN "*.service" PATTERN "*.socket")
install(FILES LICENSE README.md CHANGELOG.md DESTINATION "${CMAKE_INSTALL_DOCDIR}")
