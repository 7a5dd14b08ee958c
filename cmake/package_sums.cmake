# Runs in CPack for each generator, before its packages are copied to their folder: puts the list of their libraries
# there, and adds the sums of all to SHA256SUMS.
#
# The list has the system in its name, since another system's packages may be in the same folder.
set(sbom "${CPACK_PACKAGE_DIRECTORY}/${CPACK_PACKAGE_FILE_NAME}.spdx.json")
file(COPY_FILE "${CPACK_TUNNEL_SBOM}" "${sbom}" ONLY_IF_DIFFERENT)
set(sums "${CPACK_PACKAGE_DIRECTORY}/SHA256SUMS")
set(lines)
if(EXISTS "${sums}")
  file(STRINGS "${sums}" lines)
endif()
foreach(package IN LISTS CPACK_PACKAGE_FILES sbom)
  cmake_path(GET package FILENAME name)
  if(name MATCHES "\\.json$" AND NOT name MATCHES "\\.spdx\\.json$")
    continue()  # what CPack tells the script that makes the installer
  endif()
  list(FILTER lines EXCLUDE REGEX "  ${name}$")
  file(SHA256 "${package}" sum)
  list(APPEND lines "${sum}  ${name}")
endforeach()
list(JOIN lines "\n" text)
file(WRITE "${sums}" "${text}\n")
