# Writes a generated source, and leaves it untouched if it is the same: what depends on it isn't built again.
include_guard()

function(tunnel_write_if_changed file text)
  set(before "")
  if(EXISTS "${file}")
    file(READ "${file}" before)
  endif()
  if(NOT text STREQUAL before)
    file(WRITE "${file}" "${text}")
  endif()
endfunction()
