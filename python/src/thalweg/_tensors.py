"""The tensors of a model. A run opens with them, and follows them by identity until its end."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Callable, Optional

import numpy as np

from ._checks import name_of, require_distinct
from ._facts import text
from ._say import counted, say, shown
from ._shards import is_sharded
from ._values import dtype_of, flat, is_floating, shape_of, taken

WRAPPERS = ('DistributedDataParallel', 'DataParallel', 'AveragedModel')


class Tensor:
    """One tensor of a run.

    name, shape, dtype  as in `open`
    role                None for a weight; otherwise "buffer" or the name of an optimizer's state
    weight              the object that holds its values, which training changes
    """

    def __init__(self, name: str, weight: Any, role: Optional[str] = None) -> None:
        self.name, self.weight, self.role = name_of('a tensor', name), weight, role
        self.shape, self.dtype = shape_of(weight), dtype_of(weight)
        self.trainable: Optional[bool] = None if role is None else False
        self._frozen: Optional[list[Any]] = None
        """Some of its values, taken when it was last seen frozen."""
        self._by_hand = False

    @property
    def elements(self) -> int:
        return int(np.prod(self.shape, dtype=np.int64))

    def moves(self) -> bool:
        """Whether it may move: not while it is frozen, unless code changes it anyway, as it does a moving average."""
        if self.trainable is None or self.role is not None or self._by_hand:
            return True
        if learns(self.weight):
            self._frozen = None
            return True
        now = glimpse(self.weight)
        self._by_hand = self._frozen is not None and now != self._frozen
        self._frozen = now
        return self._by_hand

    def values(self) -> np.ndarray:
        """Its current values as one row of float32 or float64. It may share the tensor's memory."""
        return flat(self.weight)

    def entry(self) -> dict[str, Any]:
        """Its entry in `open`."""
        about: dict[str, Any] = {'name': self.name, 'shape': list(self.shape), 'dtype': self.dtype}
        if self.role is not None:
            about['role'] = self.role
        if self.trainable is not None:
            about['trainable'] = self.trainable
        return about


class Model:
    """The tensors of one member.

    A model is a PyTorch module, a list of (name, array) that training changes in place, or a function that returns such
    pairs. Raises ValueError, with the tensor's name, if one cannot be streamed.
    """

    def __init__(self, given: Any, buffers: bool = False) -> None:
        self._pairs = pairs_of(given, buffers)
        self._keeps_objects = not callable(given) or hasattr(given, 'named_parameters')
        now = self._pairs()
        require_pairs(now)
        streamed = [(name, weight, role) for name, weight, role in now if is_streamed(name, weight)]
        self.tensors = [Tensor(*each) for each in streamed]
        self._left_out = {name for name, _, _ in now} - {name for name, _, _ in streamed}
        require_tensors(self.tensors, self._left_out)
        weights = [tensor for tensor in self.tensors if tensor.role is None]
        if any(learns(tensor.weight) for tensor in weights):
            # Otherwise the model is a copy that something else moves, such as a moving average.
            for tensor in weights:
                tensor.trainable = learns(tensor.weight)

    def look(self) -> Optional[str]:
        """Takes the model's current objects. Says in words what has changed since `open`, or returns None."""
        now = {text(name): weight for name, weight, _ in self._pairs()}
        for tensor in self.tensors:
            weight = now.pop(tensor.name, None)
            if weight is None:
                return f'"{tensor.name}" has been removed'
            if weight is not tensor.weight and self._keeps_objects and tensor.role is None:
                if is_sharded(tensor.weight) and getattr(weight, 'placements', None) != tensor.weight.placements:
                    continue  # FSDP2 gives a module other parameters between forward and backward
                return f'"{tensor.name}" has been replaced by another object'
            if shape_of(weight) != tensor.shape:
                return f'"{tensor.name}" has been resized from {list(tensor.shape)} to {list(shape_of(weight))}'
            tensor.weight = weight
        added = [name for name in now if name not in self._left_out]
        return f'{shown(added)} {"has" if len(added) == 1 else "have"} been added' if added else None


def pairs_of(given: Any, buffers: bool) -> Callable[[], list[tuple[str, Any, Optional[str]]]]:
    """A function that returns (name, weight, role) for the model's current tensors."""
    if hasattr(given, 'named_parameters'):
        module = unwrapped(given)

        def of_module() -> list[tuple[str, Any, Optional[str]]]:
            pairs: list[tuple[str, Any, Optional[str]]] = []
            pairs += [(*pair, None) for pair in module.named_parameters()]
            if buffers:
                pairs += [(*pair, 'buffer') for pair in module.named_buffers() if is_floating(pair[1])]
            return pairs

        return of_module
    if hasattr(given, 'trainable_variables'):
        raise TypeError(
            'a model of Keras is streamed by thalweg.keras.ThalwegCallback, or as the list '
            '[(v.path, v) for v in model.trainable_variables].'
        )
    if callable(given):
        return lambda: [(*pair, None) for pair in given()]
    if not isinstance(given, Iterable):
        raise TypeError(
            f'a model is of type {type(given).__name__}, expected a PyTorch module, a list of (name, array), '
            'or a function that returns such a list.'
        )
    if isinstance(given, Mapping):
        return lambda: [(*pair, None) for pair in given.items()]
    listed = given if isinstance(given, Sequence) else list(given)
    if any(type(pair[-1]).__module__.startswith('jax') for pair in listed if isinstance(pair, tuple)):
        raise ValueError(
            'arrays of JAX do not change in place. Give a function that returns their list as it is now, or use '
            'thalweg.jax.'
        )
    return lambda: [(*pair, None) for pair in listed]


def require_pairs(found: Sequence[Any]) -> None:
    for each in found:
        if len(each) != 3 or hasattr(each[0], 'shape'):
            raise TypeError('a model is a list of arrays, expected a list of (name, array).')


def learns(weight: Any) -> Optional[bool]:
    """Whether training moves it, according to PyTorch, Keras or TensorFlow. None for plain arrays."""
    told = getattr(weight, 'requires_grad', getattr(weight, 'trainable', None))
    return None if told is None else bool(told)


def glimpse(weight: Any) -> list[Any]:
    """Sixteen of its values, spread over the whole. Empty for a sharded weight, because parts of it are in other
    processes.
    """
    if is_sharded(weight):
        return []
    size = math.prod(shape_of(weight))
    places = [int(size * (k * 0.6180339887 % 1)) for k in range(16 if size else 0)]
    return [None if value != value else value for value in taken(weight, places)]


def unwrapped(module: Any) -> Any:
    """The module inside wrappers that compile or replicate it, so that names are those of the model itself."""
    if type(module).__name__ == 'FullyShardedDataParallel':
        raise ValueError(
            'the model is sharded by FullyShardedDataParallel, whose parameters have neither names nor shapes. '
            'Use fully_shard (FSDP2) and give fold=65536.'
        )
    inner = getattr(module, '_orig_mod', None)
    if inner is None and type(module).__name__ in WRAPPERS:
        inner = module.module
    return module if inner is None else unwrapped(inner)


def is_streamed(name: str, weight: Any) -> bool:
    """Whether a weight's values can be sent. Integers, such as quantised weights, cannot.

    Raises ValueError if a weight has no values yet.
    """
    if type(weight).__name__ in ('UninitializedParameter', 'UninitializedBuffer'):
        raise ValueError(
            f'parameter "{name}" is lazy and has no shape yet. Run one forward pass first, then make the stream.'
        )
    if getattr(weight, 'is_meta', False):
        raise ValueError(f'parameter "{name}" is on the meta device and has no values. Load it first.')
    return is_floating(weight)


def require_tensors(tensors: list[Tensor], left_out: set[str]) -> None:
    names = [tensor.name for tensor in tensors]
    require_distinct(names)
    if left_out:
        what = counted(len(left_out), 'tensor')
        say(f'{what} of integers or quantised values, {shown(sorted(left_out))}, cannot be streamed and are left out.')
    if not names:
        raise ValueError('the model has no tensor of floating-point values. Expected one, or a list of (name, array).')


def settle(tensors: Iterable[Tensor]) -> None:
    """Waits until the GPU has finished its pending work, so that this time counts as the training's and not as ours."""
    torch = sys.modules.get('torch')
    if torch is not None and any(getattr(tensor.weight, 'is_cuda', False) for tensor in tensors):
        torch.cuda.synchronize()
