# Runs in CPack, once the files of a package are in place: what .deb and .rpm have elsewhere than `cmake --install`.
set(root "${CPACK_TEMPORARY_INSTALL_DIRECTORY}")

function(gzip file)
  # without a time in it: the same files make the same package
  execute_process(COMMAND gzip -9n "${file}" COMMAND_ERROR_IS_FATAL ANY)
endfunction()

if(CPACK_GENERATOR MATCHES "^(DEB|RPM)$")
  # the prefix of the build may have been another
  set(unit "${root}/usr/lib/systemd/system/tunnel@.service")
  if(EXISTS "${unit}")
    file(READ "${unit}" text)
    string(REGEX REPLACE "ExecStart=[^ ]*/tunnel " "ExecStart=/usr/bin/tunnel " text "${text}")
    file(WRITE "${unit}" "${text}")
  endif()
  file(GLOB pages "${root}/usr/share/man/man*/*[1-9]")
  foreach(page IN LISTS pages)
    gzip("${page}")
  endforeach()
endif()

if(CPACK_GENERATOR STREQUAL "DEB")
  set(doc "${root}/usr/share/doc/tunnel")
  string(TIMESTAMP now "%a, %d %b %Y %H:%M:%S +0000" UTC)  # or SOURCE_DATE_EPOCH
  file(WRITE "${doc}/changelog" "tunnel (${CPACK_PACKAGE_VERSION}) unstable; urgency=medium

  * What has changed is in CHANGELOG.md.

 -- ${CPACK_PACKAGE_CONTACT}  ${now}
")
  gzip("${doc}/changelog")
  # every Debian system has the text of the licence itself
  file(REMOVE "${doc}/LICENSE")
  file(WRITE "${doc}/copyright" "tunnel is licensed under the Apache License, version 2.0, which is in
/usr/share/common-licenses/Apache-2.0 on Debian systems.

The licences of the works whose parts it contains are in
/usr/share/doc/tunnel/THIRD_PARTY_NOTICES.
")
  file(MAKE_DIRECTORY "${root}/usr/share/lintian/overrides")
  file(COPY_FILE "${CPACK_TUNNEL_LINTIAN_OVERRIDES}" "${root}/usr/share/lintian/overrides/tunnel")
  if(EXISTS "${root}/usr/share/zsh/site-functions/_tunnel")
    file(MAKE_DIRECTORY "${root}/usr/share/zsh/vendor-completions")
    file(RENAME "${root}/usr/share/zsh/site-functions/_tunnel" "${root}/usr/share/zsh/vendor-completions/_tunnel")
    file(REMOVE_RECURSE "${root}/usr/share/zsh/site-functions")
  endif()
endif()

# The same source makes the same archive, whatever the umask and the time.
if(CMAKE_HOST_UNIX)
  execute_process(COMMAND find "${root}" -type d -exec chmod 755 {} + COMMAND_ERROR_IS_FATAL ANY)
endif()
if(DEFINED ENV{SOURCE_DATE_EPOCH})
  execute_process(COMMAND find "${root}" -exec touch --no-dereference "--date=@$ENV{SOURCE_DATE_EPOCH}" {} +
    COMMAND_ERROR_IS_FATAL ANY)
endif()
