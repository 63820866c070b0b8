"""What the callbacks of all frameworks do when a training begins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable

from ._facts import mapped
from ._out import stdout
from ._stream import Stream


class Opener:
    """Makes a callback's stream when its training begins, from what the callback was given.

    make     what makes the stream: Stream, or thalweg.watch
    options  its options
    """

    def __init__(self, make: Callable[..., Any], options: Mapping[str, Any]) -> None:
        self._make, self._options = make, options
        if make is Stream and options.get('out') is None:
            stdout.take()  # trainers print before they begin

    def open(self, model: Any, facts: Mapping[str, Any], start: int) -> Any:
        """The stream of a model, with facts of the framework beside those that were given."""
        meta = {**facts, **mapped(self._options.get('meta', ()))}
        return self._make(model, **{**self._options, 'meta': meta, 'start': start})


def beside_step(logs: Mapping[str, Any]) -> dict[str, Any]:
    """Figures of a framework but for those that `record` takes by themselves."""
    return {name: value for name, value in logs.items() if name not in ('step', 'epoch')}
