"""Decides which tensors are folded together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Optional, Union

from ._fold import SIGN_RUN
from ._folded import Sample, Sketch
from ._globs import glob_to_pattern
from ._optimizer import State
from ._pieces import Piece
from ._say import shown
from ._shards import Holders, is_sharded
from ._tensors import Tensor

Fold = Union[int, Mapping[str, int]]
"""The number of rows for the whole model, or for each group, given by a glob over names. The first matching glob
counts.
"""


def folded(
    tensors: Sequence[Tensor], fold: Optional[Fold], sample: int, seed: int, holders: Optional[Holders]
) -> list[Tensor]:
    """The tensors of a run after folding.

    A group that has no more elements than rows is sent unfolded, unless it is sharded. Raises ValueError if a glob
    matches nothing, if a number of rows is not a power of two, or if sharded tensors are not folded.
    """
    shared = holders is not None
    out: list[Tensor] = []
    taken: set[int] = set()
    for (name, role, rows), group in groups_of(tensors, fold).items():
        sharded = any(is_sharded(tensor.weight) for tensor in group)
        if sharded or sum(tensor.elements for tensor in group) > rows:
            taken.update(id(tensor) for tensor in group)
            called = name if role is None else f'optimizer/{role}/{name}'
            out.append(Sketch(called, role, pieces_of(group, seed, holders), rows, seed, shared))
    if sample > 0:
        weights = [tensor for tensor in tensors if tensor.role is None]
        out.append(Sample(pieces_of(weights, seed, holders), sample, seed, shared))
    whole = [tensor for tensor in tensors if id(tensor) not in taken]
    require_unsharded(whole)
    return out + whole


def groups_of(tensors: Sequence[Tensor], fold: Optional[Fold]) -> dict[tuple[str, Optional[str], int], list[Tensor]]:
    """Groups tensors by the name of their group, their role and the number of rows. Buffers belong to no group."""
    by_glob = {'**': fold} if isinstance(fold, int) else dict(fold or {})
    groups: dict[tuple[str, Optional[str], int], list[Tensor]] = {}
    for glob, rows in by_glob.items():
        require_rows(rows)
        pattern = glob_to_pattern(glob)
        name = 'model' if isinstance(fold, int) else glob
        free = [t for t in tensors if not any(t in group for group in groups.values())]
        matching = [t for t in free if pattern.match(t.parameter if isinstance(t, State) else t.name)]
        for tensor in matching:
            if tensor.role is None or isinstance(tensor, State):
                groups.setdefault((name, tensor.role, rows), []).append(tensor)
        if not any(key[0] == name for key in groups):
            names = shown([t.name for t in free])
            raise ValueError(
                f'fold: "{glob}" matches none of {names}. In a glob `*` matches up to a dot, `**` beyond it.'
            )
    return groups


def pieces_of(group: Sequence[Tensor], seed: int, holders: Optional[Holders]) -> list[Piece]:
    pieces, first = [], 0
    for tensor in group:
        pieces.append(Piece(tensor, first, seed, holders))
        first += tensor.elements
    return pieces


def require_rows(rows: int) -> None:
    if not isinstance(rows, int) or rows < SIGN_RUN or rows & (rows - 1) != 0:
        raise ValueError(f'fold: {rows!r} rows, expected a power of two from {SIGN_RUN} on, such as 65536.')


def require_unsharded(tensors: Sequence[Tensor]) -> None:
    sharded = [tensor.name for tensor in tensors if is_sharded(tensor.weight)]
    if sharded:
        raise ValueError(
            f'{shown(sharded)}: this process has a shard alone. Give fold=65536, which folds each shard where it lies '
            'and sends 256 KB a step, or stream a whole copy of the model.'
        )
