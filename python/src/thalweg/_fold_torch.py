"""Computes the sketch in PyTorch, on the device of the weights. Rows and signs are the same as in `_fold.fold`."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._fold import SIGN_RUN, sign_words, turns
from ._values import wide

SLAB = 2**22
"""Number of elements that are folded at a time. Each takes 60 bytes of temporary memory."""


class DeviceFold:
    """The rows and signs of one piece of a group. `starts` are the first elements of its stretches, each `length`
    long.
    """

    def __init__(self, starts: np.ndarray, length: int, rows: int, seed: int, device: Any) -> None:
        import torch

        end = int(starts.max()) + length
        self._run, self._chunk = int(starts.min()) // SIGN_RUN, int(starts.min()) // rows
        words = sign_words(self._run, -(-end // SIGN_RUN) - self._run, seed).view(np.int32)
        turn = turns(self._chunk, -(-end // rows) - self._chunk, rows, seed)
        self._words = torch.from_numpy(words.reshape(-1)).to(device)
        self._turns = torch.from_numpy(turn).to(device)
        self._starts = torch.from_numpy(starts).to(device)
        self._length, self._rows, self._device = length, rows, device

    def add(self, sums: Any, values: Any) -> None:
        """Adds the flat values of the piece to the sums of their rows, in f64."""
        import torch

        for at in range(0, len(values), SLAB):
            slab = wide(values[at : at + SLAB])
            local = torch.arange(at, at + len(slab), device=self._device)
            element = self._starts[local // self._length] + local % self._length
            word = self._words[(element // SIGN_RUN - self._run) * 4 + element % 4]
            minus = (word >> (31 - (element % SIGN_RUN) // 4)) & 1
            row = (element + self._turns[element // self._rows - self._chunk]) % self._rows
            sums.index_add_(0, row, (slab * (1 - 2 * minus)).double())
