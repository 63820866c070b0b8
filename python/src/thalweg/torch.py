"""Streams a training in plain PyTorch, from a hook on its optimizer.

from thalweg.torch import hook

stream = hook(model, optimizer)
"""

from __future__ import annotations

import atexit
from typing import Any, Callable

from ._replicates import replicates
from ._stream import Stream

__all__ = ['Hook', 'hook', 'replicates']


class Hook:
    """Records a step after each step of an optimizer, with its learning rate. `log` adds figures to the next one."""

    def __init__(self, stream: Any, optimizer: Any) -> None:
        self.stream = stream
        self._metrics: dict[str, Any] = {}
        self._epoch: Any = None
        self._handle = optimizer.register_step_post_hook(self._stepped)
        atexit.register(self.close)

    def log(self, epoch: Any = None, **metrics: Any) -> None:
        """Figures, such as the loss, that go with the next step."""
        self._epoch = self._epoch if epoch is None else epoch
        self._metrics.update(metrics)

    def close(self) -> None:
        """Ends the run; at the end of the script this happens by itself."""
        self._handle.remove()
        atexit.unregister(self.close)
        self.stream.close()

    def _stepped(self, optimizer: Any, *_: Any) -> None:
        metrics, self._metrics = self._metrics, {}
        self.stream.record(None, self._epoch, learningRate=learning_rate(optimizer), **metrics)


def hook(model: Any, optimizer: Any, make: Callable[..., Any] = Stream, **options: Any) -> Hook:
    """Streams the model after every step of the optimizer.

    make     what makes the stream: Stream, or thalweg.watch
    options  its options; the optimizer's name and learning rate are facts of the run
    """
    meta = {**facts_of(optimizer), **dict(options.pop('meta', ()))}
    return Hook(make(model, meta=meta, **options), optimizer)


def learning_rate(optimizer: Any) -> Any:
    return optimizer.param_groups[0]['lr']


def facts_of(optimizer: Any) -> dict[str, Any]:
    """What is known of a run from its optimizer."""
    group = optimizer.param_groups[0]
    while hasattr(optimizer, 'optimizer'):
        optimizer = optimizer.optimizer  # what Lightning and Accelerate wrap
    named = {'learningRate': 'lr', 'momentum': 'momentum', 'weightDecay': 'weight_decay', 'betas': 'betas'}
    found = {fact: group[key] for fact, key in named.items() if key in group}
    return {'optimizer': type(optimizer).__name__.lower(), **found}
