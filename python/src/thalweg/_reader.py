"""Measures the processor time of the processes that read a pipe, as far as the system provides it."""

from __future__ import annotations

import os
import time
from typing import Any, Optional

ACCESS_MODE = 3
READ_ONLY = 0
CPUCLOCK_SCHED = 2
"""From the kernel's posix-timers.h: in a clock id, it selects the run time of all threads of a process."""


class Reader:
    """The processes at the other end of a pipe. They are looked up when their time is first requested."""

    def __init__(self, out: Any) -> None:
        self._out = out
        self._processes: Optional[list[str]] = None

    def seconds(self) -> float:
        """Processor time that they have used so far. 0 if it is not known: for files, for sockets, and on systems
        other than Linux.
        """
        if self._processes is None:
            self._processes = readers_of(self._out)
        return sum(processor_seconds(process) for process in self._processes)


def readers_of(out: Any) -> list[str]:
    """Ids of the processes that can read from this pipe."""
    try:
        pipe = f'pipe:[{os.fstat(out.fileno()).st_ino}]'
        processes = [name for name in os.listdir('/proc') if name.isdigit()]
    except (AttributeError, OSError, ValueError):
        return []
    return [process for process in processes if process != str(os.getpid()) and reads(process, pipe)]


def reads(process: str, pipe: str) -> bool:
    try:
        for fd in os.listdir(f'/proc/{process}/fd'):
            if os.readlink(f'/proc/{process}/fd/{fd}') == pipe:
                with open(f'/proc/{process}/fdinfo/{fd}') as about:
                    flags = next(line for line in about if line.startswith('flags:'))
                if int(flags.split()[1], 8) & ACCESS_MODE == READ_ONLY:
                    return True
    except (OSError, StopIteration, ValueError, IndexError):
        pass  # it has ended, or belongs to another user
    return False


def processor_seconds(process: str) -> float:
    """Reads the Linux clock of a process, because /proc has a resolution of only a hundredth of a second."""
    try:
        return time.clock_gettime(~int(process) << 3 | CPUCLOCK_SCHED)
    except OSError:
        return 0.0  # it has ended
