"""What the callbacks of all frameworks do when training begins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable

from ._facts import mapped
from ._out import stdout
from ._stream import Stream


class Opener:
    """Creates a callback's stream when training begins, with the options that the callback was given.

    make     creates the stream: Stream, or thalweg.watch
    options  options of the stream
    """

    def __init__(self, make: Callable[..., Any], options: Mapping[str, Any]) -> None:
        self._make, self._options = make, options
        if make is Stream and options.get('out') is None:
            stdout.take()  # before trainers begin to print

    def open(self, model: Any, facts: Mapping[str, Any], start: int) -> Any:
        """Creates the stream of a model. Facts of the framework are added to the given ones."""
        meta = {**facts, **mapped(self._options.get('meta', ()))}
        return self._make(model, **{**self._options, 'meta': meta, 'start': start})


def beside_step(logs: Mapping[str, Any]) -> dict[str, Any]:
    """A framework's figures without those that `record` takes as arguments of their own."""
    return {name: value for name, value in logs.items() if name not in ('step', 'epoch')}
