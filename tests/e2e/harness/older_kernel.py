"""Runs a program as if the kernel lacked these system calls: older_kernel.py NUMBER... -- COMMAND..."""
import ctypes
import errno
import os
import struct
import sys

LOAD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06  # of BPF
ALLOW, ERRNO = 0x7FFF0000, 0x00050000
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, FILTER = 22, 38, 2

split = sys.argv.index("--")
numbers, command = [int(word) for word in sys.argv[1:split]], sys.argv[split + 1:]
program = struct.pack("HBBI", LOAD, 0, 0, 0)
for number in numbers:
    program += struct.pack("HBBI", JUMP_IF_EQUAL, 0, 1, number)
    program += struct.pack("HBBI", RETURN, 0, 0, ERRNO | errno.ENOSYS)
program += struct.pack("HBBI", RETURN, 0, 0, ALLOW)
kept = ctypes.create_string_buffer(program, len(program))
libc = ctypes.CDLL(None, use_errno=True)
filter_program = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(kept))
for words in ((PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), (PR_SET_SECCOMP, FILTER, filter_program, 0, 0)):
    if libc.prctl(*words) != 0:
        sys.exit(f"older_kernel.py: {os.strerror(ctypes.get_errno())}")
os.execvp(command[0], command)
