"""Frames of the stream, written to a file object one by one."""

from __future__ import annotations

import io
import select
import time
from typing import Any

import msgpack


class Frames:
    """Writes frames whole, however little the file object takes at a time.

    A frame that an interrupt has cut is completed before the next one, so that the stream stays readable.
    """

    def __init__(self, out: Any) -> None:
        self.out = out
        self.count = 0
        """Frames since `open`."""
        self._rest = memoryview(b'')

    def write(self, frame: dict[str, Any]) -> None:
        """Raises OSError when the reader has gone or the disk is full."""
        packed = memoryview(msgpack.packb(frame))
        self._drain()
        self._rest = packed
        self.count = 0 if frame['kind'] == 'open' else self.count + 1
        self._drain()

    def _drain(self) -> None:
        while len(self._rest) > 0:
            try:
                taken = self.out.write(self._rest)
            except BlockingIOError as error:
                taken = error.characters_written
            if taken is None and not isinstance(self.out, io.RawIOBase):
                taken = len(self._rest)  # such a file object takes all and says nothing
            self._rest = self._rest[taken or 0 :]
            if not taken:
                self._wait()
        if hasattr(self.out, 'flush'):
            self._flush()

    def _flush(self) -> None:
        while True:
            try:
                self.out.flush()
                return
            except BlockingIOError:
                self._wait()

    def _wait(self) -> None:
        """Waits until a pipe that does not block takes more."""
        try:
            select.select([], [self.out], [])
        except (OSError, TypeError, ValueError):
            time.sleep(0.001)
