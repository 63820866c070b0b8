"""Tensors that stand for many others: the sketch of a group, and a sample of single weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Optional

import numpy as np

from ._pieces import Piece
from ._tensors import Tensor


class Gathered(Tensor):
    """One row of numbers, computed from the parts of a sharded model in all processes.

    If `shared`, each process contributes its part, and all of them receive the sum, which is the value of this tensor.
    """

    def __init__(self, name: str, role: Optional[str], pieces: Sequence[Piece], size: int, shared: bool) -> None:
        self.name, self.role, self.pieces = name, role, pieces
        self.shape, self.dtype = (size,), 'f32'
        self.trainable, self.weight = None, None
        self._shared, self._given, self._total = shared, np.zeros(size), np.zeros(size)

    def moves(self) -> bool:
        return True

    def values(self) -> np.ndarray:
        return self._total if self._shared else self.local()

    def local(self) -> np.ndarray:
        """This process's part, in f64."""
        raise NotImplementedError

    def contribution(self, whole: bool) -> np.ndarray:
        """What is summed over all processes: the part itself in f64, or its change since the last time in f32."""
        local = self.local()
        if whole:
            self._given = local
            return local
        change = (local - self._given).astype(np.float32)
        self._given = self._given + change
        return change

    def receive(self, total: np.ndarray, whole: bool) -> None:
        self._total = total if whole else self._total + total


class Sketch(Gathered):
    """The sketch of a group of tensors. Elements are numbered from the first one of the first tensor to the last one
    of the last tensor.
    """

    def __init__(
        self, name: str, role: Optional[str], pieces: Sequence[Piece], rows: int, seed: int, shared: bool
    ) -> None:
        super().__init__(name, role, pieces, rows, shared)
        self._about = {'elements': sum(piece.tensor.elements for piece in pieces), 'seed': seed}
        self._moving: Optional[list[bool]] = None
        self._still = np.zeros(rows)

    def entry(self) -> dict[str, Any]:
        return {**super().entry(), 'fold': self._about}

    def local(self) -> np.ndarray:
        moving = [piece.tensor.moves() for piece in self.pieces]
        if moving != self._moving:
            self._still = self._sums([p for p, moves in zip(self.pieces, moving) if not moves])
            self._moving = moving
        sums = self._sums([p for p, moves in zip(self.pieces, moving) if moves])
        sums += self._still
        return sums

    def _sums(self, pieces: Sequence[Piece]) -> np.ndarray:
        sums, there = np.zeros(self.shape), {}  # type: ignore[var-annotated]
        for piece in pieces:
            piece.add(sums, there)
        for elsewhere in there.values():
            sums += elsewhere.cpu().numpy()
        return sums


class Sample(Gathered):
    """Single weights, not folded, drawn at random from the whole model and sorted by their place."""

    def __init__(self, pieces: Sequence[Piece], size: int, seed: int, shared: bool) -> None:
        super().__init__('sample', 'sample', pieces, size, shared)
        total = sum(piece.tensor.elements for piece in pieces)
        if size > total:
            raise ValueError(f'sample={size}, expected at most {total:,}, the number of weights in the model.')
        places = np.sort(np.random.default_rng(seed).choice(total, size, replace=False))
        self._drawn = [drawn_of(piece, places) for piece in pieces]

    def local(self) -> np.ndarray:
        out = np.zeros(self.shape)
        for piece, (slots, indices) in zip(self.pieces, self._drawn):
            values = piece.values() if len(slots) > 0 else None
            if values is None:
                continue
            if hasattr(values, 'detach'):
                import torch

                values = values[torch.from_numpy(indices).to(values.device)].double().cpu().numpy()
                out[slots] = values
            else:
                out[slots] = values[indices]
        return out


def drawn_of(piece: Piece, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Finds which of these places a piece holds: their indices in `places`, and the indices of their values in the
    piece.
    """
    if piece.length == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    stretch = np.searchsorted(piece.starts, places, 'right') - 1
    within = places - piece.starts[stretch]
    slots = np.flatnonzero((stretch >= 0) & (within < piece.length))
    return slots, stretch[slots] * piece.length + within[slots]
