"""Streams a training in JAX, whose weights are new arrays after every step.

from thalweg.jax import Recorder

recorder = Recorder(params)
for step in range(1, steps + 1):
    params, opt_state, loss = train_step(params, opt_state, batch)
    recorder.record(step, params, opt_state, loss=loss)
recorder.close()
"""

from __future__ import annotations

from typing import Any, Callable, Optional

import jax

from ._stream import Stream


class Recorder:
    """Streams a tree of arrays, such as the parameters of Flax, Equinox, Haiku or your own code.

    make     creates the stream: Stream, or thalweg.watch
    options  options of the stream
    """

    def __init__(self, params: Any, make: Callable[..., Any] = Stream, **options: Any) -> None:
        self._params = params
        self.stream = make(lambda: named(self._params), **options)

    def record(
        self, /, step: Optional[int], params: Any, opt_state: Any = None, epoch: Any = None, **metrics: Any
    ) -> None:
        """Records a step. The learning rate is read from an optax state that `optax.inject_hyperparams` made."""
        self._params = params
        rate = None if opt_state is None else injected_rate(opt_state)
        given = {} if rate is None else {'learningRate': rate}
        self.stream.record(step, epoch, **{**given, **metrics})

    def log(self, /, step: int, epoch: Any = None, **metrics: Any) -> None:
        self.stream.log(step, epoch, **metrics)

    def close(self) -> None:
        self.stream.close()


def named(params: Any) -> list[tuple[str, Any]]:
    """The arrays of a tree, with their paths as names."""
    leaves, _ = jax.tree_util.tree_flatten_with_path(params)
    return [(name_of(path), leaf) for path, leaf in leaves if hasattr(leaf, 'dtype')]


def name_of(path: Any) -> str:
    parts = [getattr(key, 'key', getattr(key, 'name', getattr(key, 'idx', key))) for key in path]
    held = len(parts) > 1 and isinstance(path[-1], jax.tree_util.GetAttrKey) and parts[-1] == 'value'
    return '/'.join(str(part) for part in (parts[:-1] if held else parts))  # Flax keeps an array in a variable's value


def injected_rate(opt_state: Any) -> Any:
    """The learning rate in the state of an `optax.inject_hyperparams` optimizer, anywhere in a chain."""
    if hasattr(opt_state, 'hyperparams'):
        return opt_state.hyperparams.get('learning_rate')
    inner = opt_state if isinstance(opt_state, (tuple, list)) else ()
    return next((rate for rate in map(injected_rate, inner) if rate is not None), None)
