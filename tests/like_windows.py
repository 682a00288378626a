"""Runs `kgqa` with what Windows lacks taken away, as far as that can be imitated on Linux.

    python tests/like_windows.py build films.tsv -o films THEN ask "who directed Kismet?" --graph films

What only POSIX has is missing for `kgqa` (other packages have their own ways). Below the working folder
and the cache, folders cannot be opened, names hold none of `<>:"|?*`, there are no symbolic links, and
what this process has open is neither replaced nor removed.
"""

from __future__ import annotations

import builtins
import os
import re
import shutil
import sys
from collections.abc import Collection
from itertools import groupby
from pathlib import Path
from types import ModuleType
from typing import Any

LACKING_MODULES = (
    "curses",
    "fcntl",
    "grp",
    "posix",
    "pty",
    "pwd",
    "readline",
    "resource",
    "syslog",
    "termios",
)
LACKING_NAMES = {
    "os": (
        *("O_CLOEXEC", "O_DIRECTORY", "O_NOFOLLOW", "O_NONBLOCK", "O_SYNC"),
        *("WNOHANG", "chown", "chroot", "fchmod", "fchown", "fdatasync", "fork", "forkpty"),
        *("geteuid", "getgid", "getloadavg", "getpgid", "getrusage", "getuid", "killpg", "lchown", "lockf"),
        *("mkfifo", "mknod", "nice", "openpty", "pread", "pwrite", "posix_fadvise", "posix_fallocate"),
        *("register_at_fork", "sched_getaffinity", "sched_setaffinity", "sendfile", "setsid", "setuid"),
        *("setxattr", "statvfs", "sync", "sysconf", "uname", "wait", "wait3", "wait4"),
    ),
    "signal": (
        "SIGALRM",
        "SIGCHLD",
        "SIGHUP",
        "SIGKILL",
        "SIGQUIT",
        "SIGUSR1",
        "alarm",
        "pause",
        "setitimer",
    ),
    "socket": ("AF_UNIX", "socketpair"),
    "time": ("clock_gettime", "tzset"),
}
FORBIDDEN = re.compile(r'[<>:"|?*]')

import_module = builtins.__import__


def import_like_windows(
    name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0
) -> ModuleType:
    found = import_module(name, globals, locals, fromlist, level)
    importer = (globals or {}).get("__name__") or ""
    if level == 0 and importer.split(".")[0] == "kgqa":
        if name in LACKING_MODULES:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        if name in LACKING_NAMES:
            return without(found, LACKING_NAMES[name])
    return found


def without(module: ModuleType, names: Collection[str]) -> ModuleType:
    reduced = ModuleType(module.__name__)
    vars(reduced).update({name: value for name, value in vars(module).items() if name not in names})
    return reduced


class Folders:
    """Refuses, as an audit hook, what Windows refuses below these folders."""

    def __init__(self, *folders: str | Path) -> None:
        self.folders = tuple(os.path.realpath(folder) + os.sep for folder in folders)

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path = self.inside(arguments[0])
            if path and Path(path).is_dir():
                raise PermissionError(13, "Permission denied (a folder)", path)
            self.check_name(path)
        elif event == "os.mkdir":
            self.check_name(self.inside(arguments[0]))
        elif event == "os.rename":
            self.check_name(self.inside(arguments[1]))
            self.check_closed(self.inside(arguments[0]))
            self.check_closed(self.inside(arguments[1]))
        elif event == "os.remove":
            self.check_closed(self.inside(arguments[0]))
        elif event == "os.symlink":
            raise OSError(1314, "A required privilege is not held by the client", arguments[1])

    def inside(self, path: object) -> str:
        if not isinstance(path, str | os.PathLike):
            return ""
        found = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
        return found if found.startswith(self.folders) else ""

    def check_name(self, path: str) -> None:
        if path and FORBIDDEN.search(path):
            raise OSError(22, "Invalid argument (a name that Windows does not have)", path)

    def check_closed(self, path: str) -> None:
        if path and any(one == path or one.startswith(path + os.sep) for one in open_files()):
            raise PermissionError(13, "The process cannot access the file because it is open", path)


def open_files() -> set[str]:
    found = set()
    for number in os.listdir("/proc/self/fd"):
        try:
            found.add(os.readlink(f"/proc/self/fd/{number}"))
        except OSError:
            continue
    maps = Path("/proc/self/maps").read_text("utf-8").splitlines()
    return found | {line.split(maxsplit=5)[5] for line in maps if "/" in line}


if __name__ == "__main__":
    vars(shutil)["_use_fd_functions"] = False
    builtins.__import__ = import_like_windows
    sys.addaudithook(Folders(Path.cwd(), os.environ["KGQA_CACHE"]))

    from kgqa.cli import main

    commands = [
        list(command)
        for is_break, command in groupby(sys.argv[1:], lambda word: word == "THEN")
        if not is_break
    ]
    for command in commands:
        if code := main(command):
            sys.exit(code)
