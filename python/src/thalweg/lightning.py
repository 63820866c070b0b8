"""Streams a training in Lightning.

from thalweg.lightning import ThalwegCallback

trainer = Trainer(callbacks=[ThalwegCallback()])
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable

from ._callback import Opener
from ._stream import Stream
from .torch import facts_of, rate_of

try:
    from lightning.pytorch import Callback
except ImportError:
    from pytorch_lightning import Callback


class ThalwegCallback(Callback):  # type: ignore[misc,unused-ignore]
    """Records a step after each step of the optimizer, with loss, learning rate and epoch.

    make     creates the stream: Stream, or thalweg.watch
    options  options of the stream
    """

    def __init__(self, make: Callable[..., Any] = Stream, **options: Any) -> None:
        super().__init__()
        self._opener, self._stream, self._step = Opener(make, options), None, 0
        self._rate: dict[str, Any] = {}

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        self._step = trainer.global_step
        facts = facts_of(trainer.optimizers[0]) if trainer.optimizers else {}
        self._stream = self._opener.open(pl_module, facts, self._step)

    def on_before_optimizer_step(self, trainer: Any, pl_module: Any, optimizer: Any) -> None:
        self._rate = rate_of(optimizer)  # a schedule may change it before the batch ends

    def on_train_batch_end(self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        if self._stream is None or trainer.global_step == self._step:
            return  # the gradients of this batch are accumulated, and no step was taken
        self._step = trainer.global_step
        loss = outputs.get('loss') if isinstance(outputs, Mapping) else outputs
        metrics = {**self._rate, **({} if loss is None else {'loss': loss})}
        epoch = trainer.current_epoch + (batch_idx + 1) / max(1, trainer.num_training_batches)
        self._stream.record(self._step, epoch, **metrics)

    def on_train_end(self, trainer: Any, pl_module: Any) -> None:
        if self._stream is not None:
            self._stream.close()
