"""Finds the parts of a sharded model: DTensors of FSDP2 and of tensor parallelism."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, Optional

import numpy as np

from ._values import flat, is_complex, real

Extents = list[int]


class Holders(NamedTuple):
    """The processes that share a model: their group, this process's device, the first rank, and whether it is this
    process.
    """

    group: Any
    device: Any
    first: int
    is_first: bool


def is_sharded(weight: Any) -> bool:
    """Whether this is a DTensor of which this process has only a part."""
    return any(not placement.is_replicate() for placement in getattr(weight, 'placements', ()))


def holders_of(weights: Iterable[Any]) -> Optional[Holders]:
    """The processes that share these weights. None if this process has all of them completely.

    Raises ValueError for a mesh without a process group of its own.
    """
    sharded = [weight for weight in weights if is_sharded(weight)]
    if not sharded:
        return None
    import torch.distributed as dist

    mesh = max((weight.device_mesh for weight in sharded), key=lambda mesh: mesh.size())
    everyone = mesh.size() == dist.get_world_size()
    if not everyone and mesh.ndim > 1:
        raise ValueError(
            f'the model lies on a mesh of {mesh.ndim} dimensions over {mesh.size()} of {dist.get_world_size()} '
            'processes. Put it on all of them, or on a mesh of one dimension.'
        )
    first = int(mesh.mesh.min())
    group, device = None if everyone else mesh.get_group(), sharded[0].to_local().device
    return Holders(group, device, first, dist.get_rank() == first)


def block_of(weight: Any) -> tuple[Extents, Extents]:
    """Offset and extents, by dimension, of this process's part of a DTensor."""
    mesh, coordinate = weight.device_mesh, weight.device_mesh.get_coordinate()
    offset, extents = [0] * weight.dim(), [int(extent) for extent in weight.shape]
    shards = [(i, placement) for i, placement in enumerate(weight.placements) if not placement.is_replicate()]
    # FSDP2 shards what tensor parallelism has already sharded. Its placement is strided, and comes second.
    for i, placement in sorted(shards, key=lambda each: hasattr(each[1], 'split_factor')):
        dim, parts = placement.dim, mesh.size(i)
        size = -(-extents[dim] // parts)
        begin = min(coordinate[i] * size, extents[dim])
        offset[dim] += begin
        extents[dim] = min(size, extents[dim] - begin)
    return offset, extents


def stretches_of(weight: Any, holders: Optional[Holders]) -> tuple[np.ndarray, int]:
    """The part of a weight that this process adds: the first elements of its stretches, in order, and their common
    length.

    Elements are numbered in the whole flattened weight. Of several replicas, only the one of which the first process
    has a part is added.
    """
    shape = [int(extent) for extent in weight.shape]
    offset, extents = [0] * len(shape), shape
    if holders is not None and is_replica(weight, holders):
        return np.zeros(0, np.int64), 0
    if hasattr(weight, 'placements'):
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


def is_replica(weight: Any, holders: Holders) -> bool:
    """Whether another process adds the same part."""
    if not hasattr(weight, 'placements'):
        return not holders.is_first
    mesh, coordinate = weight.device_mesh, weight.device_mesh.get_coordinate()
    repeats = any(p.is_replicate() and coordinate[i] > 0 for i, p in enumerate(weight.placements))
    return repeats or holders.first not in mesh.mesh.flatten().tolist()


def local_values(weight: Any) -> Any:
    """The flat values of this process's part."""
    if hasattr(weight, 'detach'):
        return real(weight.to_local() if hasattr(weight, 'to_local') else weight).reshape(-1)
    return flat(weight)
