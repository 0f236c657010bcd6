"""What a worker gives up before it meets a stranger's script. Linux only; each wall stands alone.

RLIMIT_AS would be useless (V8 reserves hundreds of gigabytes) and V8's own limit misses typed
arrays: RLIMIT_DATA holds. Landlock binds threads that are made after it, so it comes before V8;
the system-call filter reaches every thread there is (TSYNC), so it comes after.
"""

import ctypes
import os
import resource
import signal
from pathlib import Path

DATA_BYTES = 700 * 1024 * 1024
"""550 MB aborts V8's start; a job within reason takes some 170 MB."""
OPEN_FILES = 64

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_EVERY_ACCESS = (1 << 13) - 1
"""Every file access that the first version of Landlock knows."""
_READ = (1 << 2) | (1 << 3)
_DEATH_SIGNAL, _NO_NEW_PRIVS = 1, 38
_DENIED = (
    *("socket", "connect", "bind", "listen", "accept", "accept4", "sendmsg", "sendmmsg", "socketcall"),
    *("open", "openat", "openat2", "open_by_handle_at", "creat", "unlink", "unlinkat", "rename"),
    *("renameat", "renameat2", "mkdir", "mkdirat", "rmdir", "link", "linkat", "symlink"),
    *("symlinkat", "truncate", "ftruncate", "chmod", "fchmod", "fchmodat", "chown", "fchown"),
    *("execve", "execveat", "fork", "vfork", "ptrace", "process_vm_readv", "process_vm_writev"),
    *("kill", "pidfd_open", "pidfd_getfd", "pidfd_send_signal", "io_uring_setup", "bpf"),
    *("perf_event_open", "userfaultfd", "keyctl", "add_key", "request_key", "mount", "umount2"),
    *("pivot_root", "chroot", "unshare", "setns", "init_module", "finit_module", "kexec_load"),
    *("setsid", "setpgid"),  # whoever kills the group of a worker kills its copies
    *("personality", "prlimit64", "setrlimit", "memfd_create", "shmget", "msgget", "semget"),
)  # fmt: skip


def limit_resources() -> None:
    """Memory, files and core dumps."""
    resource.setrlimit(resource.RLIMIT_DATA, (DATA_BYTES, DATA_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))


def leave_network() -> bool:
    """An empty network of its own; only while there is one thread. False where that is forbidden."""
    libc = ctypes.CDLL(None, use_errno=True)
    return int(libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)) == 0


def close_files(readable: Path) -> bool:
    """No file may be opened any more, but for reading below `readable`. False without Landlock."""
    libc = ctypes.CDLL(None, use_errno=True)
    handled = ctypes.c_uint64(_EVERY_ACCESS)
    ruleset = int(libc.syscall(_LANDLOCK_CREATE, ctypes.byref(handled), ctypes.sizeof(handled), 0))
    if ruleset < 0:
        return False
    folder = os.open(readable, os.O_PATH | os.O_CLOEXEC)
    beneath = _READ.to_bytes(8, "little") + folder.to_bytes(4, "little")
    added = int(libc.syscall(_LANDLOCK_ADD, ruleset, 1, beneath, 0))
    libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0)
    closed = added == 0 and int(libc.syscall(_LANDLOCK_RESTRICT, ruleset, 0)) == 0
    os.close(folder)
    os.close(ruleset)
    return closed


def end_with_parent() -> None:
    """A copy of the process is killed when the one that made it ends."""
    ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)


def filter_calls() -> bool:
    """No sockets, files, programs or other processes, in any thread. False without libseccomp."""
    try:
        import pyseccomp
    except (ImportError, OSError, RuntimeError):
        return False
    calls = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    calls.set_attr(pyseccomp.Attr.CTL_TSYNC, 1)
    for name in _DENIED:
        try:
            calls.add_rule(pyseccomp.ERRNO(1), name)
        except (OSError, ValueError):
            continue  # a call that this processor does not have
    try:
        calls.load()
    except OSError:
        return False
    return True
