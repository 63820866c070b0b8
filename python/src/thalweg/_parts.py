"""Splits one step of a member into frames of at most 16 MiB, so that tensors and models of any size can be sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ._frames import Frames

PART_BYTES = 2**24


class Parts:
    """Collects payloads, tensor by tensor, and writes a part when it is full.

    head  keys that every part has
    room  buffer of PART_BYTES bytes for the payloads
    """

    def __init__(self, frames: Frames, head: dict[str, Any], room: np.ndarray) -> None:
        self._frames, self._head, self._room = frames, head, room
        self._at, self._used = 0, 0
        self._data: list[Any] = []

    def unchanged(self) -> None:
        self._data.append(None)

    def pieces(self, tensor: int, size: int, code: np.dtype[Any]) -> Iterator[tuple[slice, np.ndarray]]:
        """Yields which of a tensor's values go where. Each piece must be filled before the next one is requested."""
        length = PART_BYTES // code.itemsize
        for offset in range(0, max(size, 1), length):
            here = slice(offset, min(offset + length, size))
            count = (here.stop - offset) * code.itemsize
            if self._used + count > PART_BYTES:
                self._write(at=self._at, more=True)
                self._at, self._used, self._data = tensor, 0, []
            room = self._room[self._used : self._used + count]
            yield here, room.view(code)
            self._data.append(room.data if size <= length else {'o': offset, 'b': room.data})
            self._used += count

    def end(self) -> None:
        """Writes the last part."""
        self._write(at=self._at)

    def _write(self, **more: Any) -> None:
        self._frames.write({**self._head, **more, 'data': self._data})
