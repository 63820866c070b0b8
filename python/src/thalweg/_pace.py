"""Decides how many of the trainer's steps one delta adds up, so that a live reader costs at most a given share of the
training time.
"""

from __future__ import annotations

import math
import time
from typing import Any, Callable, Union

import numpy as np

from ._out import is_live
from ._reader import Reader

LARGEST_STRIDE = 2**12

LOOK = 1.0
"""Minimum duration of a look in seconds. Shorter looks say little on a shared machine."""

SETTLING = 4
"""The stride is determined within this many looks. After that it grows only if the total cost exceeds the budget."""

BESIDE = 4 / 3
"""What one second of the reader's processor time costs a training on the same core: after it, the training's caches
are cold, and two threads on a core slow each other down. `python/bench/budget.py --weights 1e4 --pace 32` shows this:
with a reader that takes 16 %, the training's own steps took 5.4 ± 0.8 % longer, not counting the writer's work.
"""

STALL = 32
"""Multiple of the usual time. A longer write waits for a reader that is still starting, which happens only once."""


class Pace:
    """A stride: a power of two that changes only between blocks of deltas.

    budget  share of the training's time that deltas may cost; 0 means that the stride never changes
    block   number of deltas in a block
    reader  returns the processor time that the reader has used so far

    The cost of a delta is the larger of two times: the time in the writer, including the wait for the reader, and the
    processor time of both, since they may share the training's processor. The reader's time counts `BESIDE` times.
    """

    def __init__(self, stride: int, budget: float, block: int, reader: Callable[[], float] = lambda: 0.0) -> None:
        self.stride = self.next = stride
        """Number of steps in a delta now, and from the next block on. The latter is decided before a block's last
        delta.
        """
        self._budget, self._block, self._reader = budget, block, reader
        self._count = self._sent = 0
        self._left = time.perf_counter()
        self._looks = 0
        self._cost = self._allowed = 0.0
        """Seconds that deltas with this stride have cost in total, and were allowed to cost."""
        self._begin_look(math.nan)

    @property
    def settled(self) -> bool:
        """Whether the stride has been determined. After that it grows only if it costs too much."""
        return self._budget == 0 or self._looks >= SETTLING

    def passes(self) -> bool:
        """Counts a step of the trainer if no delta is due after it. Returns whether it was counted."""
        if self._count + 1 >= self.stride:
            return False
        self._count += 1
        return True

    def due(self) -> bool:
        """Counts a step of the trainer. Returns whether a delta is due after it."""
        if self.passes():
            return False
        self._count += 1
        return True

    def restart(self) -> None:
        """Begins to count the steps of the next delta here."""
        self._count = 0

    def arrive(self) -> None:
        """Called when the trainer has ended a step after which a delta is due."""
        if self._budget > 0:
            self._arrived, self._busy = time.perf_counter(), time.thread_time()
            self._steps.append((self._arrived - self._left) / self._count)

    def leave(self) -> None:
        """Called when the trainer continues after this delta."""
        self._count, self._sent = 0, self._sent + 1
        if self._budget > 0:
            self._left = time.perf_counter()
            self._waits.append(self._left - self._arrived)
            self._works.append(time.thread_time() - self._busy)
            if (self._sent + 1) % self._block == 0 and self._left - self._looked >= LOOK:
                self._look()
        if self._sent % self._block == 0 and self.next != self.stride:
            self.stride = self.next
            self._cost = self._allowed = 0.0
            self._begin_look(self._reader())

    def _look(self) -> None:
        reader = self._reader()
        # A reader that is starting spends time on itself, so its time counts only from the first look on.
        read = 0.0 if math.isnan(self._reader_began) else reader - self._reader_began
        waits = np.minimum(self._waits, STALL * np.median(self._waits))
        cost = max(float(waits.sum()), sum(self._works) + BESIDE * read)
        allowed = self._budget * float(np.median(self._steps)) * len(waits)
        wanted = stride_of(cost / allowed)
        self._cost += cost
        self._allowed += allowed * self.stride
        over = not self.settled or self._cost > self._allowed
        if (over and wanted > self.stride) or (not self.settled and 4 * wanted <= self.stride):
            self.next = wanted
        self._looks += 1
        self._begin_look(reader)

    def _begin_look(self, reader: float) -> None:
        """Forgets all measurements. `reader` is the processor time in seconds that the reader has used so far."""
        self._reader_began = reader
        self._steps: list[float] = []
        self._waits: list[float] = []
        self._works: list[float] = []
        self._looked = self._left


def stride_of(steps: float) -> int:
    """The smallest power of two that is at least `steps`, up to the largest stride."""
    return min(LARGEST_STRIDE, 1 << math.ceil(math.log2(max(steps, 1))))


def pace_of(pace: Union[str, int, None], file: Any, budget: float, block: int) -> Pace:
    """The pace for an argument of Stream. By default, a live reader stays within the budget."""
    if pace == 'every' or (pace is None and not is_live(file)):
        return Pace(1, 0, block)
    if pace == 'budget' or pace is None:
        return Pace(1, budget, block, Reader(file).seconds)
    if isinstance(pace, int) and pace > 0 and pace & (pace - 1) == 0:
        return Pace(pace, 0, block)
    raise ValueError(f'pace={pace!r}, expected "every", "budget" or a power of two.')
