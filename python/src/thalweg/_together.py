"""One all-reduce per step for everything that the processes of a sharded model have to tell each other."""

from __future__ import annotations

import time
import weakref
import zlib
from collections.abc import Sequence
from typing import Any, NamedTuple, Optional

import numpy as np

from ._folded import Gathered
from ._shards import Holders

LETTING_GO = 1.0
"""How many seconds torch's threads may take to release what was reduced."""


class Agreement(NamedTuple):
    """What all processes know after the exchange of a step. A stride of 0 means that none of them writes."""

    stops: bool
    stride: int


class Together:
    """The processes that share a model. All of them must take part in each exchange, even those that failed.

    If they stream different tensors, all of them raise ValueError.
    """

    def __init__(self, holders: Holders, tensors: Sequence[Gathered]) -> None:
        self._group = holders.group
        self._tensors, self._device = tensors, holders.device
        self._whole = True
        self._reduced_in: dict[Any, Any] = {}
        own = zlib.crc32(repr([tensor.entry() for tensor in tensors]).encode())
        first, last = self._most(np.array([-own, own], np.int64))
        if -first != last:
            raise ValueError(
                'the processes of this job stream different tensors. Give each the same model and options.'
            )

    @np.errstate(all='ignore')
    def exchange(self, failed: bool, stride: int) -> Agreement:
        """Sums the parts of all processes.

        failed  whether this process wants the run to end
        stride  the stride, given by the process that writes; the others give 0
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
        return Agreement(total[-2] > 0 or total[-1] == 0, int(total[-1]))

    def _parts(self, failed: bool) -> tuple[list[np.ndarray], Optional[Exception]]:
        nothing = [np.zeros(t.shape, np.float64 if self._whole else np.float32) for t in self._tensors]
        if failed:
            return nothing, None
        try:
            return [tensor.contribution(self._whole) for tensor in self._tensors], None
        except Exception as error:
            return nothing, error

    def _sum(self, vector: np.ndarray) -> np.ndarray:
        return self._reduced(vector, 'SUM')

    def _most(self, vector: np.ndarray) -> np.ndarray:
        return self._reduced(vector, 'MAX')

    def _reduced(self, vector: np.ndarray, how: str) -> np.ndarray:
        import torch
        import torch.distributed as dist

        own = torch.from_numpy(vector)
        there = self._reduced_in.setdefault(own.dtype, torch.empty_like(own, device=self._device))
        there.copy_(own)
        dist.all_reduce(there, getattr(dist.ReduceOp, how), group=self._group)
        return np.array(there.cpu())

    def leave(self) -> None:
        """Waits until no thread of torch holds what was reduced.

        A thread of gloo releases a tensor a moment after the exchange, and needs Python to do so. If the script ends in
        that moment, torch aborts the process.
        """
        held = [weakref.ref(tensor) for tensor in self._reduced_in.values()]
        self._reduced_in.clear()
        until = time.monotonic() + LETTING_GO
        while any(tensor() is not None for tensor in held) and time.monotonic() < until:
            time.sleep(0.001)
