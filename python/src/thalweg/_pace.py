"""How many of the trainer's steps one delta adds up, so that a live reader costs no more than a share of them."""

from __future__ import annotations

import math
import time

import numpy as np

LARGEST_STRIDE = 2**12

LOOK = 1.0
"""Seconds that each look takes at least: less says little of a machine that is shared."""

SETTLING = 10.0
"""Seconds in which the stride is looked for; later it grows only where the cost is above twice the budget."""

PAUSE = 0.05
"""Seconds. A step that takes this and four usual ones longer is a pause of the trainer's own, such as a validation."""

STALL = 32
"""Times the usual. A write that takes longer waits for a reader that is starting, which happens once."""


class Pace:
    """A stride: a power of two that changes only between blocks of deltas.

    budget  share of the training's time that deltas may cost; 0 keeps the stride as it is
    block   deltas of a block

    What deltas cost is the time in the writer, waiting for the reader included, and what steps take longer than those
    where the reader has come to rest.
    """

    def __init__(self, stride: int, budget: float, block: int) -> None:
        self.stride = self.next = stride
        """Steps that a delta adds up now, and from the next block on: decided before a block's last delta."""
        self._budget, self._block = budget, block
        self._count = self._sent = 0
        self._began = self._left = time.perf_counter()
        self._forget()

    def due(self) -> bool:
        """Counts a step of the trainer. Gives whether a delta is to be sent after it."""
        self._count += 1
        return self._count >= self.stride

    def restart(self) -> None:
        """Counts the steps of the next delta from here."""
        self._count = 0

    def arrive(self) -> None:
        """The trainer has ended a step."""
        self._arrived = time.perf_counter()
        if self._budget > 0:
            self._between.append(self._arrived - self._left)

    def leave(self, sent: bool) -> None:
        """The trainer goes on."""
        self._left = time.perf_counter()
        if not sent:
            return
        self._count, self._sent = 0, self._sent + 1
        if self._budget > 0:
            self._own.append(self._left - self._arrived)
            if (self._sent + 1) % self._block == 0 and self._left - self._looked >= LOOK:
                self._look()
        if self._sent % self._block == 0 and self.next != self.stride:
            self.stride = self.next
            self._forget()

    def _look(self) -> None:
        first = (self._sent - len(self._own)) % self._block
        step, cost = costs(np.array(self._own), np.array(self._between), self._block, first)
        wanted = stride_of(cost / (self._budget * step))
        settling = self._left - self._began < SETTLING
        if wanted > self.stride * (1 if settling else 2) or (settling and 4 * wanted <= self.stride):
            self.next = wanted
        self._forget()

    def _forget(self) -> None:
        self._own: list[float] = []
        self._between: list[float] = []
        self._looked = self._left


def costs(own: np.ndarray, between: np.ndarray, block: int, first: int) -> tuple[float, float]:
    """Seconds of a step without deltas, and of what one delta costs.

    own      seconds in the writer, for each delta
    between  seconds between two of the trainer's calls, as many for each delta as the stride
    first    place of the first delta in its block
    """
    usual = float(np.median(between))
    between = np.where(between > 5 * usual + PAUSE, usual, between)
    own = np.minimum(own, STALL * np.median(own))
    stride, place = len(between) // len(own), np.arange(len(between))
    late_in_block = (first + place // stride) % block >= block // 2
    rested = between[late_in_block & (place % stride >= stride // 2)]
    noise = 2 * rested.std() / math.sqrt(len(rested))
    slower = max(0.0, float(between.mean() - rested.mean() - noise)) * len(between)
    return float(between.sum() - slower) / len(between), float(own.sum() + slower) / len(own)


def stride_of(steps: float) -> int:
    """The least power of two that is no less."""
    return min(LARGEST_STRIDE, 1 << math.ceil(math.log2(max(steps, 1))))
