"""Where the parts of a sharded parameter lie: DTensors of FSDP2 and of tensor parallelism."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._values import flat, is_complex, real

Extents = list[int]


def block_of(weight: Any) -> tuple[Extents, Extents]:
    """Offset and extents of the part of a DTensor that this process holds, by dimension."""
    mesh, coordinate = weight.device_mesh, weight.device_mesh.get_coordinate()
    offset, extents = [0] * weight.dim(), [int(extent) for extent in weight.shape]
    shards = [(i, placement) for i, placement in enumerate(weight.placements) if not placement.is_replicate()]
    # FSDP2 shards what tensor parallelism has left: its placement is strided, and comes second.
    for i, placement in sorted(shards, key=lambda each: hasattr(each[1], 'split_factor')):
        dim, parts = placement.dim, mesh.size(i)
        size = -(-extents[dim] // parts)
        begin = min(coordinate[i] * size, extents[dim])
        offset[dim] += begin
        extents[dim] = min(size, extents[dim] - begin)
    return offset, extents


def stretches_of(weight: Any) -> tuple[np.ndarray, int]:
    """The part of a weight that this process holds: the first elements of its stretches, in order, and their length.

    Elements count in the whole weight, flattened. Of replicas of a DTensor the first one holds all, the others nothing.
    """
    shape = [int(extent) for extent in weight.shape]
    offset, extents = [0] * len(shape), shape
    if hasattr(weight, 'placements'):
        coordinate = weight.device_mesh.get_coordinate()
        if any(p.is_replicate() and coordinate[i] > 0 for i, p in enumerate(weight.placements)):
            return np.zeros(0, np.int64), 0
        offset, extents = block_of(weight)
    if is_complex(weight):
        shape, offset, extents = [*shape, 2], [*offset, 0], [*extents, 2]
    strides = np.cumprod([1, *shape[:0:-1]], dtype=np.int64)[::-1] if shape else np.ones(0, np.int64)
    cut = max((dim for dim in range(len(shape)) if extents[dim] < shape[dim]), default=0)
    length = int(np.prod(extents[cut:], dtype=np.int64))
    starts = np.array([int(np.dot(offset, strides))] if shape else [0], np.int64)
    for dim in range(cut):
        starts = (starts[:, None] + np.arange(extents[dim]) * strides[dim]).reshape(-1)
    return (starts, length) if length > 0 else (np.zeros(0, np.int64), 0)


def local_values(weight: Any) -> Any:
    """The values of the part that this process holds, flat."""
    if hasattr(weight, 'detach'):
        return real(weight.to_local() if hasattr(weight, 'to_local') else weight).reshape(-1)
    return flat(weight)
