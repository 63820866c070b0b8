"""Keeps our errors away from the training."""

from __future__ import annotations

import os
from functools import wraps
from typing import Any, Callable, TypeVar, cast

from ._say import cause

GOES_ON = 'Training continues, and nothing more is sent.'

Method = TypeVar('Method', bound=Callable[..., None])


def guarded(method: Method) -> Method:
    """Wraps a method of Stream so that it raises no exception. In a forked process, or if the stream is closed, it
    does nothing.

    Threads that share a stream take turns.
    """

    @wraps(method)
    def call(stream: Any, /, *args: Any, **kwargs: Any) -> None:
        if stream.closed or os.getpid() != stream._process:
            return
        with stream._turn:
            if stream.closed:
                return
            try:
                method(stream, *args, **kwargs)
            except Exception as error:
                stream._fail(error)

    return cast(Method, call)


def words_of(error: Exception, step: int) -> str:
    if isinstance(error, ConnectionError):
        return f'the reader has gone after step {step}.'
    if isinstance(error, OSError):
        return f'the stream cannot be written after step {step}: {error.strerror or cause(error)}.'
    return f'the stream ends after step {step}: {cause(error)}.'
