"""Streams a training with the Trainer of Hugging Face's transformers.

from thalweg.transformers import ThalwegCallback

trainer = Trainer(..., callbacks=[ThalwegCallback()])
"""

from __future__ import annotations

from typing import Any, Callable

from transformers import TrainerCallback

from ._callback import Opener
from ._stream import Stream
from .torch import facts_of, rate_of

LOGGED = {'loss': 'loss', 'grad_norm': 'gradientNorm', 'eval_loss': 'validationLoss'}


class ThalwegCallback(TrainerCallback):  # type: ignore[misc,unused-ignore]
    """Records each step with learning rate and epoch. Loss and gradient norm are added whenever the trainer logs them.

    make     creates the stream: Stream, or thalweg.watch
    options  options of the stream
    """

    def __init__(self, make: Callable[..., Any] = Stream, **options: Any) -> None:
        self._opener, self._stream = Opener(make, options), None
        self._rate: dict[str, Any] = {}

    def on_train_begin(self, args: Any, state: Any, control: Any, **given: Any) -> None:
        optimizer = given.get('optimizer')
        facts = {'batchSize': args.train_batch_size, 'seed': args.seed}
        if optimizer is not None:
            facts = {**facts_of(optimizer), **facts}
        self._stream = self._opener.open(given['model'], facts, state.global_step)

    def on_optimizer_step(self, args: Any, state: Any, control: Any, **given: Any) -> None:
        if given.get('optimizer') is not None:
            # The schedule changes it before the step ends.
            self._rate = rate_of(given['optimizer'])

    def on_step_end(self, args: Any, state: Any, control: Any, **given: Any) -> None:
        if self._stream is not None:
            self._stream.record(state.global_step, state.epoch, **self._rate)

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **given: Any) -> None:
        metrics = {name: logs[key] for key, name in LOGGED.items() if key in (logs or {})}
        if self._stream is not None and metrics:
            self._stream.log(state.global_step, state.epoch, **metrics)

    def on_train_end(self, args: Any, state: Any, control: Any, **given: Any) -> None:
        if self._stream is not None:
            self._stream.close()
