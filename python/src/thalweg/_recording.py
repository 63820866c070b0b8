"""One run in this process: its models, the part that they share with other processes, and the writer of the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Optional

from ._checks import require_distinct
from ._folded import Gathered
from ._frames import Frames
from ._groups import Fold, folded
from ._optimizer import states_of
from ._run import Run
from ._shards import Holders, holders_of
from ._tensors import Model, Tensor
from ._together import Together


class Choice(NamedTuple):
    """What is streamed of the models, according to the arguments of Stream."""

    fold: Optional[Fold]
    sample: int
    seed: int
    buffers: bool
    optimizers: Sequence[Any]


def listed(optimizer: Any, models: int) -> Sequence[Any]:
    if optimizer is None:
        return ()
    optimizers = optimizer if isinstance(optimizer, (list, tuple)) else [optimizer]
    if len(optimizers) != models:
        raise ValueError(f'{len(optimizers)} optimizers for {models} models. Give one for each.')
    return optimizers


class Recording:
    """One run in this process. Raises ValueError if the models cannot be streamed."""

    def __init__(self, models: Sequence[Any], choice: Choice) -> None:
        self._models = [Model(model, choice.buffers) for model in models]
        holders = holders_of(tensor.weight for model in self._models for tensor in model.tensors)
        self._members = [tensors_of(model, i, choice, holders) for i, model in enumerate(self._models)]
        require_equal(self._members)
        self.tensors = [tensor for tensors in self._members for tensor in tensors]
        self.together: Optional[Together] = None
        if holders is not None:
            self.together = Together(holders, [t for t in self.tensors if isinstance(t, Gathered)])
        self.run: Optional[Run] = None
        """The writer of the run. None in processes that do not write."""

    def open(self, frames: Frames, about: Mapping[str, Any], step: int, dtype: Optional[str]) -> None:
        """Opens the run on the wire."""
        self.run = Run(frames, self._members, about, step, dtype)

    def look(self) -> Optional[str]:
        """Says in words what has changed since `open`. None if nothing has."""
        return next((change for change in (model.look() for model in self._models) if change), None)


def tensors_of(model: Model, index: int, choice: Choice, holders: Optional[Holders]) -> list[Tensor]:
    """The streamed tensors of a member, with the states of its optimizer, and partly folded."""
    tensors = list(model.tensors)
    if choice.optimizers:
        tensors += states_of(choice.optimizers[index], model.tensors)
    streamed = folded(tensors, choice.fold, choice.sample, choice.seed, holders)
    require_distinct([tensor.name for tensor in streamed])
    return streamed


def require_equal(members: Sequence[Sequence[Tensor]]) -> None:
    if not members:
        raise ValueError('a stream needs at least one model.')
    first = [(tensor.name, tensor.shape) for tensor in members[0]]
    for index, tensors in enumerate(members):
        own = [(tensor.name, tensor.shape) for tensor in tensors]
        if own != first:
            odd = next((b or a for a, b in zip([*first, None], [*own, None]) if a != b), None)
            raise ValueError(
                f'member {index} differs from member 0 at {odd}. Members of a run have equal tensors; '
                'give other models a run of their own.'
            )
