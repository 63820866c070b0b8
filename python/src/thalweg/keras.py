"""Streams a training in Keras 3, on any of its backends.

from thalweg.keras import ThalwegCallback

model.fit(x, y, callbacks=[ThalwegCallback()])
"""

from __future__ import annotations

from typing import Any, Callable

import keras

from ._callback import Opener, beside_step
from ._stream import Stream


class ThalwegCallback(keras.callbacks.Callback):  # type: ignore[misc,unused-ignore]
    """Records each batch with the loss, the other figures of `fit`, the learning rate and the epoch.

    If the first batch builds the model, recording begins after that batch.

    make     creates the stream: Stream, or thalweg.watch
    options  options of the stream
    """

    def __init__(self, make: Callable[..., Any] = Stream, **options: Any) -> None:
        super().__init__()
        self._step, self._epoch, self._batch = int(options.pop('start', 0)), 0, -1
        self._rate: dict[str, float] = {}
        self._opener, self._stream = Opener(make, options), None

    def on_train_begin(self, logs: Any = None) -> None:
        if self.model.built and self.model.trainable_variables:
            self._begin()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._epoch, self._batch = epoch, -1

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self._rate = rate_of(self.model)  # a schedule's rate for this batch

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self._step, self._batch = self._step + batch - self._batch, batch  # several steps with steps_per_execution
        if hasattr(self.model, 'jax_state_sync'):
            self.model.jax_state_sync()  # on JAX, until then the variables hold the weights from the start of the epoch
        if self._stream is None:
            self._begin()  # the first batch has built the model
            return
        epoch = self._epoch + (batch + 1) / max(1, (self.params or {}).get('steps') or batch + 1)
        self._stream.record(self._step, epoch, **{**self._rate, **beside_step(logs or {})})

    def on_train_end(self, logs: Any = None) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def _begin(self) -> None:
        facts = {**kind_of(self.model), **rate_of(self.model)}
        variables = [(variable.path, variable) for variable in self.model.trainable_variables]
        self._stream = self._opener.open(variables, facts, self._step)


def kind_of(model: Any) -> dict[str, str]:
    """The name of the optimizer as a fact, if the model has one. A custom train_step may use others."""
    optimizer = getattr(model, 'optimizer', None)
    return {} if optimizer is None else {'optimizer': type(optimizer).__name__.lower()}


def rate_of(model: Any) -> dict[str, float]:
    """The learning rate as a metric, if the model's optimizer has one."""
    rate = getattr(getattr(model, 'optimizer', None), 'learning_rate', None)
    return {} if rate is None else {'learningRate': float(rate)}
