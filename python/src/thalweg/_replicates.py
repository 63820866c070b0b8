"""Trainings that differ in their starts alone, for `thalweg compare` or as members of one run."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import TypeVar

import torch

Module = TypeVar('Module', bound=torch.nn.Module)


def replicates(model: Module, count: int, perturb: float = 1e-3, seed: int = 0) -> Iterator[Module]:
    """The model itself, then copies of it whose kernels are scaled by a small random factor.

        for number, each in enumerate(replicates(model, 5), 1):
            torch.manual_seed(0)  # the same batches
            with Stream(each, run=f'sgd-{number}') as stream:
                train(each, stream)

    If you train them one after another, they are separate runs. `Stream(*replicates(model, 5))` makes them members of
    one run. `thalweg train --replicates 5 --perturb 0.1%` does the same.

    perturb  each weight of two or more dimensions is multiplied by 1 + U(-perturb, perturb)
    seed     seed of these factors, which are not drawn from PyTorch's own generator

    Raises ValueError if there is nothing to scale, or if perturb is not between 0 and 1.
    """
    if not 0 < perturb <= 1:
        raise ValueError(f'perturb={perturb!r}, expected a share above 0 and up to 1, such as 1e-3.')
    if count > 1 and not any(is_kernel(weight) for weight in model.parameters()):
        raise ValueError('the model has no weight of two dimensions or more, so there is nothing to perturb.')
    return copies(model, count, perturb, torch.Generator().manual_seed(seed))


def copies(model: Module, count: int, perturb: float, generator: torch.Generator) -> Iterator[Module]:
    start = copy.deepcopy(model)
    for number in range(count):
        if number == 0:
            yield model
            continue
        own = copy.deepcopy(start)
        for weight in filter(is_kernel, own.parameters()):
            draw = torch.rand(weight.shape, generator=generator, dtype=torch.float64)
            weight.data *= (1 + perturb * (2 * draw - 1)).to(weight.device, weight.dtype)
        yield own


def is_kernel(weight: torch.Tensor) -> bool:
    return bool(weight.dim() >= 2 and weight.is_floating_point())
