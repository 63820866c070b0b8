"""Where a stream is written: the original stdout, a file, or a file object."""

from __future__ import annotations

import io
import os
import stat
import sys
import weakref
from typing import Any, Optional


class Stdout:
    """A duplicate of fd 1, for one stream at a time. From then on fd 1 leads to stderr, so print() does no harm."""

    def __init__(self) -> None:
        self._file: Optional[io.FileIO] = None
        self._process = 0
        self._user: Optional[weakref.ref[Any]] = None

    def take(self) -> None:
        """Takes over stdout. Raises ValueError if stdout leads to no reader."""
        if self._file is not None:
            if self._process != os.getpid():  # fd 1 leads to stderr there
                raise ValueError('stdout belongs to the parent of this forked process. Give out=.')
            return
        if type(sys.stdout).__module__.startswith('ipykernel'):
            raise ValueError(
                'stdout of a notebook leads to its page. Give out="run.thalweg" to record the run, or use '
                'thalweg.watch(model).'
            )
        if not is_open(1, sys.__stdout__):
            raise ValueError('stdout is closed. Give out= where the stream is to go.')
        if os.isatty(1):
            raise ValueError('stdout is a terminal. Pipe it, as in `python train.py | thalweg run`, or give out=.')
        copy = duplicate(1)
        self._file, self._process = io.FileIO(copy, 'w'), os.getpid()
        divert(1)
        if hasattr(sys.stdout, 'reconfigure'):
            sys.stdout.reconfigure(line_buffering=True)
        let_go_in_children(self._file)

    def lend(self, user: Any) -> io.FileIO:
        """The file. Only one open stream at a time may have it. Raises ValueError if another one has it."""
        self.take()
        other = None if self._user is None else self._user()
        if other is not None and not other.closed:
            raise ValueError(
                'stdout carries another open stream. Close that one first, give out=, or let one stream have both: '
                'Stream(a, b) for members of equal tensors, Stream(nn.ModuleDict({"a": a, "b": b})) for others.'
            )
        self._user = weakref.ref(user)
        assert self._file is not None
        return self._file


stdout = Stdout()


def divert(fd: int) -> None:
    """Redirects a file descriptor to stderr, or to the null device if stderr is closed."""
    if is_open(2, sys.__stderr__):
        os.dup2(2, fd)
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, fd)
    os.close(nowhere)


def is_open(fd: int, file: Any) -> bool:
    """Whether a standard stream can be written to. If Python found it closed at the start, its number may belong to
    another file.
    """
    try:
        os.write(fd, b'')
    except OSError:
        return False
    return file is not None


def let_go_in_children(file: Any) -> None:
    """Redirects a file in each forked process. Otherwise a data loader that outlives the training would keep the
    reader waiting.
    """
    own = weakref.ref(file)

    def divert_it() -> None:
        found = own()
        if found is not None and not found.closed:
            divert(found.fileno())

    if hasattr(os, 'register_at_fork'):
        os.register_at_fork(after_in_child=divert_it)


def duplicate(fd: int) -> int:
    return above_stderr(os.dup(fd))


def above_stderr(fd: int) -> int:
    """The same file with a descriptor above 2. If stderr is closed, a new file may get its number, and then also
    everything that is written to stderr.
    """
    if fd > 2:
        return fd
    higher = duplicate(fd)
    os.close(fd)
    return higher


def destination(out: Any, user: Any) -> Any:
    """The binary file object for `out`, which is None for stdout, a path, or a file object."""
    if out is None:
        return stdout.lend(user)
    if isinstance(out, (str, os.PathLike)):
        if '://' in str(out):
            raise ValueError('out= is an address. Give out=thalweg.Post(address, token).')
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, 'O_BINARY', 0)
        file = io.FileIO(above_stderr(os.open(out, flags, 0o666)), 'w')
        let_go_in_children(file)
        return file
    if isinstance(out, io.TextIOBase) or not hasattr(out, 'write'):
        raise ValueError(f'out= is of type {type(out).__name__}, expected a path or a file opened with "wb".')
    return out


def is_live(out: Any) -> bool:
    """Whether something reads along: a pipe, a socket, or an object that says so itself, such as Post."""
    live = getattr(out, 'live', None)
    if live is not None:
        return bool(live)
    try:
        mode = os.fstat(out.fileno()).st_mode
    except (AttributeError, OSError, ValueError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)
