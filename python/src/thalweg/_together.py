"""One all-reduce for all that the processes of a sharded model have to tell each other at a step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Optional

import numpy as np

from ._folded import Gathered


class Agreement(NamedTuple):
    """What all processes know after a step's exchange."""

    stops: bool
    stride: int


class Together:
    """The processes that share a model. All of them must come to each exchange, also those that failed.

    Raises ValueError for a mesh that has no process group of its own.
    """

    def __init__(self, weight: Any, tensors: Sequence[Gathered]) -> None:
        import torch.distributed as dist

        mesh = weight.device_mesh
        if mesh.size() != dist.get_world_size() and mesh.ndim > 1:
            raise ValueError(
                f'the model lies on a mesh of {mesh.ndim} dimensions over {mesh.size()} of {dist.get_world_size()} '
                'processes. Put it on all of them, or on a mesh of one dimension.'
            )
        self._group = None if mesh.size() == dist.get_world_size() else mesh.get_group()
        self._device = weight.to_local().device
        self._tensors = tensors
        self._whole = True

    def exchange(self, failed: bool, stride: int) -> Agreement:
        """Adds up what all hold.

        failed  whether this process wants the run to end
        stride  of the process that writes; 0 from the others
        """
        parts, failure = self._parts(failed)
        status = np.array([float(failed or failure is not None), float(stride)], parts[0].dtype)
        total = self._sum(np.concatenate([*parts, status]))
        whole, at = self._whole, 0
        self._whole = not np.isfinite(total).all()
        for tensor in self._tensors:
            size = tensor.shape[0]
            tensor.receive(total[at : at + size].astype(np.float64), whole)
            at += size
        if failure is not None:
            raise failure
        return Agreement(total[-2] > 0, int(total[-1]))

    def _parts(self, failed: bool) -> tuple[list[np.ndarray], Optional[Exception]]:
        nothing = [np.zeros(t.shape, np.float64 if self._whole else np.float32) for t in self._tensors]
        if failed:
            return nothing, None
        try:
            return [tensor.contribution(self._whole) for tensor in self._tensors], None
        except Exception as error:
            return nothing, error

    def _sum(self, vector: np.ndarray) -> np.ndarray:
        import torch
        import torch.distributed as dist

        there = torch.from_numpy(vector).to(self._device)
        dist.all_reduce(there, group=self._group)
        total: np.ndarray = there.cpu().numpy()
        return total
