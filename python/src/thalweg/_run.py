"""Writes one run: `open`, anchors, deltas, and `close`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Callable, Optional

import numpy as np

from ._encode import CODES, absolute, difference, is_finite
from ._frames import Frames
from ._parts import PART_BYTES, Parts
from ._tensors import Tensor

Encode = Callable[[np.ndarray, Any, np.ndarray], bool]


class Run:
    """Writes `open` and the first anchor, and remembers what has been sent of each tensor.

    A tensor that is frozen from the start is not remembered. When it begins to move, an anchor gives its values.
    """

    @np.errstate(all='ignore')
    def __init__(
        self,
        frames: Frames,
        members: Sequence[Sequence[Tensor]],
        about: Mapping[str, Any],
        step: int,
        dtype: Optional[str],
    ) -> None:
        self.step, self._whole, self._lost = step, False, False
        """The last step that was sent, whether it was sent completely, and whether the reader still lacks a non-finite
        step.
        """
        self._frames, self._members, self._dtype = frames, members, dtype
        self._previous: list[list[Optional[np.ndarray]]] = [[None] * len(tensors) for tensors in members]
        self._moved = [[False] * len(tensors) for tensors in members]
        """Whether each tensor could move at the last delta. One that was frozen since then is sent once more."""
        self._room = np.empty(PART_BYTES, np.uint8)
        tensors = [tensor.entry() for tensor in members[0]]
        frames.write({'kind': 'open', 'version': 1, **about, 'tensors': tensors})
        self._anchor(step)

    @np.errstate(all='ignore')
    def anchor(self, step: int) -> None:
        """Sends the weights themselves."""
        self._anchor(step)

    @np.errstate(all='ignore')
    def delta(self, step: int, facts: Mapping[str, Any], metrics: Mapping[str, float]) -> bool:
        """Sends how far the weights have moved since the last step that was sent. Returns whether the reader has
        everything.
        """
        if not self._whole:  # an interrupt has cut off the last step, and the reader has dropped it
            self._anchor(step)
            return True
        facts = {'base': self.step, **facts, **({'dtype': self._dtype} if self._dtype else {})}
        self.step, self._whole, finite = step, False, True
        for member in range(len(self._members)):
            own = {'metrics': dict(metrics)} if metrics and member == 0 else {}
            finite = self._send('delta', member, difference, {**facts, **own}) and finite
        if not finite:
            self._lost = True
            self._take_as_sent()
        if self._begin_moving() or (self._lost and self._is_finite()):
            self._anchor(step)
        self._whole = True  # not earlier, because what `_begin_moving` remembers is sent only by the anchor
        return not self._lost

    def metrics(self, step: int, facts: Mapping[str, Any], metrics: Mapping[str, float]) -> None:
        """Sends only the trainer's figures."""
        self._frames.write({'kind': 'metrics', 'step': step, **facts, 'metrics': dict(metrics)})

    def close(self) -> None:
        self._frames.close()

    def _anchor(self, step: int) -> None:
        self.step, self._whole, finite = step, False, True
        self._begin_moving()
        for member in range(len(self._members)):
            finite = self._send('anchor', member, absolute, {}) and finite
        self._whole, self._lost = True, not finite

    def _take_as_sent(self) -> None:
        """Sets what has been sent to the current weights, so that only the non-finite step is lost."""
        for tensors, kept in zip(self._members, self._previous):
            for tensor, previous in zip(tensors, kept):
                if previous is not None:
                    previous[:] = tensor.values()

    def _is_finite(self) -> bool:
        return all(is_finite(tensor.values()) for tensors in self._members for tensor in tensors)

    def _begin_moving(self) -> bool:
        """Remembers the tensors that move for the first time. Returns whether there are any."""
        begun = False
        for tensors, kept in zip(self._members, self._previous):
            for index, tensor in enumerate(tensors):
                if kept[index] is None and tensor.moves():
                    kept[index] = np.array(tensor.values())
                    begun = True
        return begun

    def _send(self, kind: str, member: int, encode: Encode, facts: Mapping[str, Any]) -> bool:
        """Sends a step of a member. Returns whether all of it is finite."""
        parts = Parts(self._frames, {'kind': kind, 'step': self.step, 'member': member, **facts}, self._room)
        finite = True
        for index, tensor in enumerate(self._members[member]):
            previous, moves = self._previous[member][index], tensor.moves()
            moved, self._moved[member][index] = moves or self._moved[member][index], moves
            if kind == 'delta' and (previous is None or not moved):
                parts.unchanged()
                continue
            weight = tensor.values()
            code = np.dtype(CODES[facts.get('dtype') or tensor.dtype])
            for here, values in parts.pieces(index, weight.size, code):
                kept = None if previous is None else previous[here]
                finite = encode(weight[here], kept, values) and finite
        parts.end()
        return finite
