"""Takes from the process that reads files what reading needs not: network, other files, programs.

Linux gives this to any process, without rights: Landlock (kernel 5.13) for files, seccomp for the network
and for looking at other processes. No kept package offers both: `landlock` is a pre-release of
2025, `pyseccomp` of 2021 needs a C library that slim images lack; what is needed here is small.

Sources: Linux's Documentation/userspace-api/landlock.rst and seccomp_filter.rst,
include/uapi/linux/landlock.h, seccomp.h, filter.h and audit.h.
"""

import ctypes
import errno
import os
import platform
import struct
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_VERSION_FLAG = 1
_RULE_PATH_BENEATH = 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 1 << 1, 1 << 2, 1 << 3
_READ = _READ_FILE | _READ_DIR
# How many rights for files each version of Landlock knows; for a file alone, only some make sense.
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_ON_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | 1 << 14 | 1 << 15
# Devices, sockets and pipes are made nowhere.
_NEVER = 1 << 6 | 1 << 9 | 1 << 10 | 1 << 11
_BIND_AND_CONNECT_TCP = 0b11
_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11

_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _SECCOMP_MODE_FILTER = 22, 38, 2
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER_AT, _ARCHITECTURE_AT = 0, 4
# Of an x86-64 kernel, calls of the x32 ABI have this bit.
_X32 = 0x40000000
# By machine: AUDIT_ARCH, and the numbers of these calls. First what reaches out or into other processes: socket, connect,
# bind, listen, accept, sendto, sendmsg, ptrace, process_vm_readv, process_vm_writev, io_uring_setup, pidfd_getfd, kcmp,
# sendmmsg, accept4. Then what Landlock leaves open: fchmod, fchmodat, fchmodat2, fchown, fchownat, utimensat, setxattr,
# lsetxattr, fsetxattr, setxattrat, removexattr, lremovexattr, fremovexattr, removexattrat; and, of the older machine
# alone, chmod, chown, lchown, utime, utimes, futimesat.
_REFUSED = {
    "x86_64": (0xC000003E, (
        41, 42, 49, 50, 43, 44, 46, 101, 310, 311, 425, 438, 312, 307, 288,
        91, 268, 452, 93, 260, 280, 188, 189, 190, 463, 197, 198, 199, 466,
        90, 92, 94, 132, 235, 261,
    )),
    "aarch64": (0xC00000B7, (
        198, 203, 200, 201, 202, 206, 211, 117, 270, 271, 425, 438, 272, 269, 242,
        52, 53, 452, 55, 54, 88, 5, 6, 7, 463, 14, 15, 16, 466,
    )),
}  # fmt: skip


def restrict(
    readable: Iterable[Path], writable: Sequence[Path] = (), *, programs: bool = False
) -> list[str]:
    """Restricts this thread, and what it starts, for good; returns what could not be had, for the log.

    Only `readable` and `writable` folders can be read, only the latter written; programs can be
    started from `readable` folders if `programs`. Nothing reaches a network or looks into
    another process. Folders that do not exist are passed over.
    """
    if sys.platform != "linux":
        return ["Landlock and seccomp are Linux's"]
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        return [f"no_new_privs: {os.strerror(ctypes.get_errno())}"]
    steps: dict[str, Callable[[], None]] = {
        "Landlock": partial(_landlock, libc, readable, writable, programs=programs),
        "seccomp": partial(_seccomp, libc),
    }
    missing = []
    for name, apply in steps.items():
        try:
            apply()
        except OSError as error:
            missing.append(f"{name}: {error.strerror}")
    return missing


def _landlock(
    libc: ctypes.CDLL, readable: Iterable[Path], writable: Sequence[Path], *, programs: bool
) -> None:
    version = _checked(libc.syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), _VERSION_FLAG))
    everything = (1 << _FILE_RIGHTS[min(version, max(_FILE_RIGHTS))]) - 1
    # Longer structures than a kernel knows are refused unless the rest is zero, as here.
    network = _BIND_AND_CONNECT_TCP if version >= 4 else 0
    scoped = _ABSTRACT_SOCKETS_AND_SIGNALS if version >= 6 else 0
    wanted = struct.pack("=QQQ", everything, network, scoped)
    ruleset = _checked(libc.syscall(_LANDLOCK_CREATE, wanted, ctypes.c_size_t(len(wanted)), 0))
    try:
        for folder in readable:
            _allow(libc, ruleset, folder, _READ | (_EXECUTE if programs else 0))
        for folder in writable:
            _allow(libc, ruleset, folder, everything & ~(_EXECUTE | _NEVER))
        _checked(libc.syscall(_LANDLOCK_RESTRICT, ruleset, 0))
    finally:
        os.close(ruleset)


def _allow(libc: ctypes.CDLL, ruleset: int, path: Path, rights: int) -> None:
    with suppress(FileNotFoundError, PermissionError, NotADirectoryError):
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            rights = rights if path.is_dir() else rights & _ON_FILES
            rule = struct.pack("=Qi", rights, handle)
            _checked(libc.syscall(_LANDLOCK_ADD, ruleset, _RULE_PATH_BENEATH, rule, 0))
        finally:
            os.close(handle)


def _seccomp(libc: ctypes.CDLL) -> None:
    machine = platform.machine()
    if machine not in _REFUSED or sys.maxsize < 2**32:
        raise OSError(errno.ENOSYS, f"no list of calls for {machine}")
    architecture, numbers = _REFUSED[machine]
    # Each step is (code, jump if true, jump if false, value); jumps count from the next step.
    steps = [
        (_LOAD, 0, 0, _ARCHITECTURE_AT), (_EQUAL, 0, len(numbers) + 3, architecture),
        (_LOAD, 0, 0, _NUMBER_AT), (_AT_LEAST, len(numbers) + 1, 0, _X32),
        *((_EQUAL, len(numbers) - place, 0, number) for place, number in enumerate(numbers)),
        (_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE),
    ]  # fmt: skip
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
    program = struct.pack("HxxxxxxQ", len(steps), ctypes.addressof(code))
    filtered = libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, program, 0, 0)
    _checked(filtered)


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
