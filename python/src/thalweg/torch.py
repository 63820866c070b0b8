"""Streams a training in plain PyTorch, from a hook on its optimizer.

from thalweg.torch import hook

stream = hook(model, optimizer)
"""

from __future__ import annotations

import atexit
from collections.abc import Mapping
from typing import Any, Callable

from ._callback import beside_step
from ._facts import mapped
from ._replicates import replicates
from ._stream import Stream

__all__ = ['Hook', 'hook', 'replicates']


class Hook:
    """Records a step after each step of an optimizer, with its learning rate. `log` adds figures to the next one."""

    def __init__(self, stream: Any, optimizer: Any) -> None:
        self.stream = stream
        self._metrics: dict[str, Any] = {}
        self._epoch: Any = None
        self._handle = innermost(optimizer).register_step_post_hook(self._stepped)
        atexit.register(self.close)

    def log(self, /, epoch: Any = None, **metrics: Any) -> None:
        """Adds figures, such as the loss, to the next step. The hook counts the steps itself."""
        self._epoch = self._epoch if epoch is None else epoch
        self._metrics.update(beside_step(metrics))

    def close(self) -> None:
        """Ends the run; at the end of the script this happens by itself."""
        self._handle.remove()
        atexit.unregister(self.close)
        self.stream.close()

    def _stepped(self, optimizer: Any, *_: Any) -> None:
        metrics, self._metrics = self._metrics, {}
        self.stream.record(None, self._epoch, **{**rate_of(optimizer), **metrics})


def hook(model: Any, optimizer: Any, make: Callable[..., Any] = Stream, **options: Any) -> Hook:
    """Streams the model after every step of the optimizer.

    make     creates the stream: Stream, or thalweg.watch
    options  options of the stream; the optimizer's name and learning rate are added to its facts
    """
    meta = {**facts_of(optimizer), **mapped(options.pop('meta', ()))}
    return Hook(make(model, meta=meta, **options), optimizer)


def rate_of(optimizer: Any) -> dict[str, Any]:
    """The learning rate as a metric, if the optimizer has one."""
    rate = first_group_of(optimizer).get('lr')
    return {} if rate is None else {'learningRate': rate}


def first_group_of(optimizer: Any) -> Mapping[str, Any]:
    """The first parameter group. Empty for the placeholder that Lightning uses if there is no optimizer."""
    return next(iter(optimizer.param_groups), {})


def innermost(optimizer: Any) -> Any:
    """The optimizer inside the wrappers of Lightning and Accelerate."""
    return innermost(optimizer.optimizer) if hasattr(optimizer, 'optimizer') else optimizer


def facts_of(optimizer: Any) -> dict[str, Any]:
    """Facts about a run that its optimizer provides."""
    group = first_group_of(optimizer)
    if not group:
        return {}
    named = {'learningRate': 'lr', 'momentum': 'momentum', 'weightDecay': 'weight_decay', 'betas': 'betas'}
    found = {fact: group[key] for fact, key in named.items() if key in group}
    return {'optimizer': type(innermost(optimizer)).__name__.lower(), **found}
