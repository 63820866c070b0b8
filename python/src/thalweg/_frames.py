"""Writes frames of the stream to a file object, one by one."""

from __future__ import annotations

import io
import select
import signal
import sys
import threading
import time
import weakref
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, NamedTuple, Optional

import msgpack


class Task(NamedTuple):
    """A packed frame to write, or None for `close`. `done` is released afterwards, whether writing succeeded or not."""

    packed: Optional[bytes]
    opens: bool
    done: threading.Lock


class Frames:
    """Writes complete frames, even if the file object accepts only a little at a time.

    A thread writes, and the caller waits for it. So an interrupt such as Ctrl-C reaches only the caller, and never cuts
    a frame.

    owned  whether the file object is closed at the end
    """

    def __init__(self, out: Any, owned: bool) -> None:
        self._tasks: SimpleQueue[Optional[Task]] = SimpleQueue()
        self._writer = Writer(out, owned)
        threading.Thread(target=self._writer.work, args=(self._tasks,), name='thalweg', daemon=True).start()
        self.end = weakref.finalize(self, self._tasks.put, None)
        """Ends the thread once it has written everything."""
        self.end.atexit = False  # a script may close its stream even later

    def write(self, frame: dict[str, Any]) -> None:
        """Writes a frame. Raises the file object's error, such as OSError if the reader is gone or the disk is full."""
        self._do(msgpack.packb(frame), frame['kind'] == 'open')

    def close(self) -> None:
        """Writes `close`, which contains the number of frames."""
        self._do(None, False)

    def _do(self, packed: Optional[bytes], opens: bool) -> None:
        # A bare lock, because the thread can release it without waiting. An event contains a lock, and if the caller
        # is interrupted in its `wait`, that lock can stay taken, so that the thread would wait forever.
        done = threading.Lock()
        done.acquire()
        task = Task(packed, opens, done)
        if sys.is_finalizing():  # Python runs no other threads any more
            self._writer.do(task)
        else:
            self._tasks.put(task)
        done.acquire()
        if self._writer.failure is not None:
            raise self._writer.failure


class Writer:
    """The work of the thread. It is separate from Frames so that the thread does not keep an abandoned stream alive."""

    def __init__(self, out: Any, owned: bool) -> None:
        self.failure: Optional[Exception] = None
        self._out, self._owned, self._count = out, owned, 0

    def work(self, tasks: SimpleQueue[Optional[Task]]) -> None:
        mask_pipe_signal()
        for task in iter(tasks.get, None):
            self.do(task)
        if self._owned:
            with suppress(OSError):
                self._out.close()

    def do(self, task: Task) -> None:
        try:
            if self.failure is None:
                self._write(task)
        except BaseException as error:
            self.failure = error if isinstance(error, Exception) else RuntimeError(repr(error))
        task.done.release()

    def _write(self, task: Task) -> None:
        packed = task.packed
        if packed is None:
            packed = msgpack.packb({'kind': 'close', 'frames': self._count})
        self._count = 0 if task.opens else self._count + 1
        rest = memoryview(packed)
        while len(rest) > 0:
            try:
                taken = self._out.write(rest)
            except BlockingIOError as error:
                taken = error.characters_written
            if taken is None and not isinstance(self._out, io.RawIOBase):
                taken = len(rest)  # such a file object takes everything and returns None
            rest = rest[taken or 0 :]
            if not taken:
                self._wait()
        self._flush()

    def _flush(self) -> None:
        flush = getattr(self._out, 'flush', None)
        while flush is not None:
            try:
                flush()
                return
            except BlockingIOError:
                self._wait()

    def _wait(self) -> None:
        """Waits until a non-blocking pipe accepts more."""
        try:
            select.select([], [self._out], [])
        except (OSError, TypeError, ValueError):
            time.sleep(0.001)


def mask_pipe_signal() -> None:
    """Blocks SIGPIPE in this thread, so that a closed reader is an error here even if the script lets SIGPIPE end
    itself.
    """
    if hasattr(signal, 'pthread_sigmask'):
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGPIPE])
