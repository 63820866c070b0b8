"""Converts the trainer's figures and facts to plain values, or gives the reason why one cannot be converted."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from typing import Any, Callable

import msgpack
import numpy as np

DEEPEST = 16
LARGEST_INTEGER = 2**63

LONGEST_NAME = 256
"""Longest name of a metric or fact, in bytes."""

MOST_BYTES = 2**16
"""Limit on all facts together. A reader accepts more, but at most 2^16 characters per fact and 2^17 values per frame.
"""


def number(value: Any) -> float:
    """Converts a figure to a float. It may be a number, a 0-d array or a tensor of one element.

    Raises TypeError or ValueError for anything else.
    """
    if value is None or isinstance(value, (str, bytes, complex)):
        raise TypeError(f'is {value!r:.40}, expected a number')
    size = int(np.prod(getattr(value, 'shape', ())))
    if size != 1:
        raise ValueError(f'has {size} elements, expected one number')
    if hasattr(value, 'detach'):
        value = value.detach()
    return float(value.item() if hasattr(value, 'item') else value)


def figures(metrics: Mapping[str, Any], skipped: Callable[[str, str], None]) -> dict[str, float]:
    """Metrics as floats. `skipped` is called with the name of each omitted metric and the reason."""
    plain: dict[str, float] = {}
    for name, value in metrics.items():
        try:
            plain[named(name)] = number(value)
        except Exception as error:
            skipped(f'{name:.40}', reason(error, value))
    return plain


def finite(metrics: Mapping[str, Any], skipped: Callable[[str, str], None]) -> dict[str, float]:
    """The same, without numbers that are not finite."""
    plain = figures(metrics, skipped)
    for name, value in plain.items():
        if not math.isfinite(value):
            skipped(name, f'is {value}, expected a finite number')
    return {name: value for name, value in plain.items() if math.isfinite(value)}


def facts(meta: Any, skipped: Callable[[str, str], None]) -> dict[str, Any]:
    """Facts about a run as JSON values. `meta` is a map, pairs, or an argparse.Namespace."""
    plain: dict[str, Any] = {}
    left = MOST_BYTES
    for name, value in mapped(meta).items():
        try:
            fact = {named(str(name)): _json(value)}
            size = len(msgpack.packb(fact))
            if size > left:
                raise ValueError(f'has {size:,} bytes; all facts together may have {MOST_BYTES:,}')
            left -= size
            plain.update(fact)
        except Exception as error:
            skipped(f'{name!s:.40}', reason(error, value))
    return plain


def mapped(meta: Any) -> Mapping[str, Any]:
    """The given facts as a map. Raises ValueError if they are not a map, pairs, or an argparse.Namespace."""
    if isinstance(meta, Mapping):
        return meta
    try:
        return dict(meta if hasattr(meta, '__iter__') else vars(meta))
    except (TypeError, ValueError):
        raise ValueError(f'meta={meta!r:.40}, expected a map of facts, such as {{"batchSize": 32}}.') from None


def reason(error: Exception, value: Any) -> str:
    if isinstance(error, (TypeError, ValueError)) and str(error).startswith(('is ', 'has ')):
        return str(error)
    return f'is of type {type(value).__name__}'


def text(value: Any) -> str:
    """Converts a value to a string of valid UTF-8."""
    return str(value).encode('utf-8', 'replace').decode()


def named(name: str) -> str:
    """The name of a metric or fact. Raises ValueError if no reader accepts it."""
    plain = text(name)
    size = len(plain.encode())
    if size > LONGEST_NAME:
        raise ValueError(f'has a name of {size:,} bytes, at most {LONGEST_NAME} are allowed')
    return plain


def _json(value: Any, depth: int = 0) -> Any:
    if depth > DEEPEST:
        raise ValueError(f'is nested more than {DEEPEST} deep')
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return text(value)
    if isinstance(value, os.PathLike):
        return text(os.fspath(value))
    if isinstance(value, int):
        value = int(value)
        return value if -LARGEST_INTEGER <= value < LARGEST_INTEGER else float(value)
    if isinstance(value, Mapping):
        return {named(str(key)): _json(each, depth + 1) for key, each in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_json(each, depth + 1) for each in value]
    if hasattr(value, 'tolist'):
        return _json((value.detach() if hasattr(value, 'detach') else value).tolist(), depth + 1)
    return number(value)
