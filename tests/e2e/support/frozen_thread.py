# SPDX-License-Identifier: Apache-2.0
"""Stops one thread of a process while the others run, as a scheduler without time for it does."""

import ctypes
import os
from contextlib import contextmanager

PTRACE_DETACH, PTRACE_SEIZE, PTRACE_INTERRUPT = 17, 0x4206, 0x4207
WAIT_ANY_THREAD = 0x40000000  # __WALL

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
libc.ptrace.restype = ctypes.c_long


def ptrace(request, thread):
    if libc.ptrace(request, thread, None, None) == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


@contextmanager
def frozen(thread):
    """The thread, a child of ours or a thread of one, executes nothing inside the block. Nobody else may wait for the
    process meanwhile."""
    ptrace(PTRACE_SEIZE, thread)
    ptrace(PTRACE_INTERRUPT, thread)
    os.waitpid(thread, WAIT_ANY_THREAD)
    try:
        yield
    finally:
        ptrace(PTRACE_DETACH, thread)
