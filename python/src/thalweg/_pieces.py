"""The part of a folded tensor in this process, and how it is folded on its own device."""

from __future__ import annotations

from typing import Any, Optional

import numpy as np

from ._fold import fold, signs
from ._fold_torch import DeviceFold
from ._optimizer import State
from ._shards import Holders, local_values, stretches_of
from ._tensors import Tensor
from ._values import wide

ELEMENTS_AT_ONCE = 2**19

HOSTS = ('cpu', 'mps')
"""Values on these devices are folded by NumPy, because mps has no float64."""


class Piece:
    """A tensor whose first element is element `first` of its group."""

    def __init__(self, tensor: Tensor, first: int, seed: int, holders: Optional[Holders]) -> None:
        self.tensor, self._seed = tensor, seed
        starts, self.length = stretches_of(tensor.weight, holders)
        self.starts = starts + first
        self._signs: Optional[np.ndarray] = None
        self._places: Optional[DeviceFold] = None

    def values(self) -> Any:
        """Its flat values as a NumPy array or a PyTorch tensor, or None if there are none."""
        held = self.tensor.held() if isinstance(self.tensor, State) else self.tensor.weight
        return None if held is None or self.length == 0 else local_values(held)

    def add(self, sums: np.ndarray, there: dict[Any, Any]) -> None:
        """Adds its elements to the sums of their rows. On another device it adds them to the sums in `there`, by
        device.
        """
        values = self.values()
        if values is None:
            return
        if hasattr(values, 'detach') and values.device.type not in HOSTS:
            self._add_there(values, len(sums), there)
            return
        kept = self._own_signs()
        for index, start in enumerate(self.starts):
            for at in range(0, self.length, ELEMENTS_AT_ONCE):
                count = min(ELEMENTS_AT_ONCE, self.length - at)
                here = slice(index * self.length + at, index * self.length + at + count)
                part = wide(values[here].cpu()).numpy() if hasattr(values, 'detach') else values[here]
                fold(sums, part, kept[here], int(start) + at, self._seed)

    def _add_there(self, values: Any, rows: int, there: dict[Any, Any]) -> None:
        import torch

        device = values.device
        if device not in there:
            there[device] = torch.zeros(rows, dtype=torch.float64, device=device)
        if self._places is None:
            self._places = DeviceFold(self.starts, self.length, rows, self._seed, device)
        self._places.add(there[device], values)

    def _own_signs(self) -> np.ndarray:
        """Signs of its elements. They are kept only if training changes the tensor."""
        if self._signs is not None:
            return self._signs
        made = np.concatenate([signs(int(start), self.length, self._seed) for start in self.starts])
        if self.tensor.moves():
            self._signs = made
        return made
