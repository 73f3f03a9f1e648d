"""A machine whose kernel does not have some system calls, or that refuses them: an old kernel, an
emulated one, a container's filter."""

import ctypes
import errno
import platform
import struct

LIBC = ctypes.CDLL(None, use_errno=True)
NEW_PRIVILEGES_OFF, FILTER_ON = 38, 22  # for prctl
LOAD, EQUAL, HAS_BIT, GIVE = 0x20, 0x15, 0x45, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050000
NUMBER_PLACE, SECOND_ARGUMENT_PLACE = 0, 24

KNOWN = platform.machine() in ("x86_64", "aarch64")
PIDFD_OPEN = 434
RT_SIGTIMEDWAIT = {"x86_64": 128, "aarch64": 137}.get(platform.machine())
TGKILL = {"x86_64": 234, "aarch64": 131}.get(platform.machine())
RT_TGSIGQUEUEINFO = {"x86_64": 297, "aarch64": 240}.get(platform.machine())
EPOLL_CREATE1 = {"x86_64": 291, "aarch64": 20}.get(platform.machine())
WAITID = {"x86_64": 247, "aarch64": 95}.get(platform.machine())
RECVFROM = {"x86_64": 45, "aarch64": 207}.get(platform.machine())
TIMERFD_SETTIME = {"x86_64": 286, "aarch64": 86}.get(platform.machine())
CANCEL_ON_SET = 2
# Later than Linux 3.10. clone3 is not among them: the C library itself needs it or ENOSYS.
NEW_CALLS = {
    "x86_64": {"renameat2": 316, "memfd_create": 319, "statx": 332},
    "aarch64": {"renameat2": 276, "memfd_create": 279, "statx": 291},
}.get(platform.machine(), {}) | {
    "pidfd_send_signal": 424, "io_uring_setup": 425, "pidfd_open": PIDFD_OPEN, "close_range": 436,
    "openat2": 437, "pidfd_getfd": 438, "faccessat2": 439, "epoll_pwait2": 441,
}


def install(lines):
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in lines))
    program = struct.pack("HxxxxxxP", len(lines), ctypes.addressof(code))
    LIBC.prctl(NEW_PRIVILEGES_OFF, 1, 0, 0, 0)
    if LIBC.prctl(FILTER_ON, 2, ctypes.c_char_p(program), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "seccomp")


def refusing(numbers, error=errno.ENOSYS):
    """To be called between fork and exec: these calls fail from there on."""
    lines = [(LOAD, 0, 0, NUMBER_PLACE)]
    for number in numbers:
        lines += [(EQUAL, 0, 1, number), (GIVE, 0, 0, REFUSE | error)]
    return lambda: install([*lines, (GIVE, 0, 0, ALLOW)])


def without_alarm_of_the_wall_clock():
    """As `refusing`: a timer cannot be told that the clock is set (gVisor)."""
    install([
        (LOAD, 0, 0, NUMBER_PLACE), (EQUAL, 0, 3, TIMERFD_SETTIME),
        (LOAD, 0, 0, SECOND_ARGUMENT_PLACE), (HAS_BIT, 0, 1, CANCEL_ON_SET),
        (GIVE, 0, 0, REFUSE | errno.EINVAL), (GIVE, 0, 0, ALLOW),
    ])
