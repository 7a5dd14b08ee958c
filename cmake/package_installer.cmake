# Runs in CPack for Windows, once the files are in place: makensis makes the installer from them.
set(output "${CPACK_TOPLEVEL_DIRECTORY}/${CPACK_PACKAGE_FILE_NAME}-setup.exe")
execute_process(
  COMMAND "${CPACK_TUNNEL_MAKENSIS}" -V2 -DTARGET=${CPACK_TUNNEL_INSTALLER_TARGET} -DVERSION=${CPACK_PACKAGE_VERSION}
    "-DSTAGED=${CPACK_TEMPORARY_DIRECTORY}" "-DOUTPUT=${output}" "${CPACK_TUNNEL_INSTALLER}"
  COMMAND_ERROR_IS_FATAL ANY)
set(CPACK_EXTERNAL_BUILT_PACKAGES "${output}")
