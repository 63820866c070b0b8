"""One run on the wire: from `open` over anchors and deltas to `close`."""

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

    A tensor that is frozen from the start is not remembered: where it begins to move, an anchor says where it is.
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
        self.step, self._whole = step, False
        """The last step that was sent."""
        self._frames, self._members, self._dtype = frames, members, dtype
        self._previous: list[list[Optional[np.ndarray]]] = [[None] * len(tensors) for tensors in members]
        self._room = np.empty(PART_BYTES, np.uint8)
        tensors = [tensor.entry() for tensor in members[0]]
        frames.write({'kind': 'open', 'version': 1, **about, 'tensors': tensors})
        self._begin_moving()
        self._anchor(step, everything=True)

    @np.errstate(all='ignore')
    def anchor(self, step: int) -> None:
        """Sends the weights themselves, of all tensors that have ever moved."""
        self._anchor(step)

    @np.errstate(all='ignore')
    def delta(self, step: int, facts: Mapping[str, Any], metrics: Mapping[str, float]) -> None:
        """Sends what the weights have moved by since the last step that was sent."""
        if not self._whole:  # an interrupt has cut what came last, and the reader has dropped it
            self._anchor(step)
            return
        facts = {'base': self.step, **facts, **({'dtype': self._dtype} if self._dtype else {})}
        self.step, self._whole, finite = step, False, True
        for member in range(len(self._members)):
            own = {'metrics': dict(metrics)} if metrics and member == 0 else {}
            finite = self._send('delta', member, difference, {**facts, **own}) and finite
        self._whole = True
        if not finite:
            self._recover()
        elif self._begin_moving():
            self._anchor(step)

    def metrics(self, step: int, facts: Mapping[str, Any], metrics: Mapping[str, float]) -> None:
        """Sends figures of the trainer alone."""
        self._frames.write({'kind': 'metrics', 'step': step, **facts, 'metrics': dict(metrics)})

    def close(self) -> None:
        self._frames.close()

    def _anchor(self, step: int, everything: bool = False) -> None:
        self.step, self._whole = step, False
        for member in range(len(self._members)):
            self._send('anchor', member, absolute, {}, everything)
        self._whole = True

    def _recover(self) -> None:
        """Takes the weights as what has been sent, so that a step that was not finite is lost alone."""
        finite = True
        for tensors, kept in zip(self._members, self._previous):
            for tensor, previous in zip(tensors, kept):
                if previous is not None:
                    previous[:] = tensor.values()
                    finite = finite and is_finite(previous)
        if finite:
            self._anchor(self.step)

    def _begin_moving(self) -> bool:
        """Remembers the tensors that move for the first time. Gives whether there are any."""
        begun = False
        for tensors, kept in zip(self._members, self._previous):
            for index, tensor in enumerate(tensors):
                if kept[index] is None and tensor.moves():
                    kept[index] = np.array(tensor.values())
                    begun = True
        return begun

    def _send(self, kind: str, member: int, encode: Encode, facts: Mapping[str, Any], everything: bool = False) -> bool:
        """Sends a step of a member, or what of it can have changed. Gives whether all of it is finite."""
        parts = Parts(self._frames, {'kind': kind, 'step': self.step, 'member': member, **facts}, self._room)
        finite = True
        for index, tensor in enumerate(self._members[member]):
            previous = self._previous[member][index]
            moved = previous is not None and (kind == 'anchor' or tensor.moves())
            if not moved and not everything:
                parts.unchanged()
                continue
            weight = tensor.values()
            code = np.dtype(CODES[facts.get('dtype') or tensor.dtype])
            for here, values in parts.pieces(index, weight.size, code):
                kept = None if previous is None else previous[here]
                finite = encode(weight[here], kept, values) and finite
        parts.end()
        return finite
