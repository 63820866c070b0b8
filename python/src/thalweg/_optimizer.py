"""The states of a PyTorch optimizer, such as momentum or Adam's moments, as tensors with their own roles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ._say import cause
from ._tensors import Tensor
from ._values import flat


class State(Tensor):
    """One state of one parameter. It is zero until the optimizer creates it."""

    def __init__(self, optimizer: Any, parameter: Tensor, key: str) -> None:
        super().__init__(f'optimizer/{key}/{parameter.name}', parameter.weight, key)
        self.parameter = parameter.name
        self._optimizer, self._key = optimizer, key

    def moves(self) -> bool:
        return bool(self.weight.requires_grad)

    def held(self) -> Any:
        """The tensor that holds the state, or None if it does not exist yet."""
        return self._optimizer.state.get(self.weight, {}).get(self._key)

    def values(self) -> np.ndarray:
        held = self.held()
        if held is None:
            return np.zeros(self.elements, np.float64 if self.dtype == 'f64' else np.float32)
        return flat(held)


def states_of(optimizer: Any, tensors: Sequence[Tensor]) -> list[State]:
    """The states that an optimizer keeps for these parameters, or will keep after its first step.

    Raises ValueError if they cannot be determined.
    """
    known = {id(tensor.weight): tensor for tensor in tensors if tensor.role is None}
    states: list[State] = []
    for group in optimizer.param_groups:
        parameters = [known[id(p)] for p in group['params'] if id(p) in known]
        if parameters:
            keys = keys_of(optimizer, group, parameters)
            states += [State(optimizer, p, key) for key in keys for p in parameters]
    if not states:
        raise ValueError(
            f'{type(optimizer).__name__} keeps no state of a parameter of this model. Leave out optimizer=.'
        )
    return sorted(states, key=lambda state: str(state.role))


def keys_of(optimizer: Any, group: Mapping[str, Any], parameters: Sequence[Tensor]) -> list[str]:
    """Names of the states that have their parameter's shape. They come from the optimizer, or from one step of a
    similar one.
    """
    for parameter in parameters:
        state = optimizer.state.get(parameter.weight)
        if state:
            return shaped(state, tuple(parameter.weight.shape))
    try:
        return probe(optimizer, group, parameters[0].weight)
    except Exception as error:
        raise ValueError(
            f'the states of {type(optimizer).__name__} are not known before its first step ({cause(error)}). '
            'Make the stream after that step.'
        ) from error


def probe(optimizer: Any, group: Mapping[str, Any], like: Any) -> list[str]:
    """Takes one step with an optimizer of the same class and options on a separate parameter. Random numbers of the
    training are not used up.
    """
    import torch

    device = like.to_local().device if hasattr(like, 'to_local') else like.device
    with torch.random.fork_rng([device] if device.type == 'cuda' else []):
        parameter = torch.zeros(2, 3, dtype=like.dtype, device=device, requires_grad=True)
        parameter.grad = torch.zeros_like(parameter)
        options = {key: value for key, value in group.items() if key != 'params'}
        twin = type(optimizer)([{**options, 'params': [parameter]}], lr=float(group.get('lr', 0)))
        twin.step()
        return shaped(twin.state[parameter], (2, 3))


def shaped(state: Mapping[str, Any], shape: tuple[int, ...]) -> list[str]:
    return [key for key, value in state.items() if tuple(getattr(value, 'shape', ())) == shape]
