"""Refuses invalid arguments when the stream is created. The error says what was expected."""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping, Sequence
from typing import Any, Optional

from ._encode import CODES
from ._facts import text

LONGEST_TEXT = 2**16
"""Longest name in bytes that a reader accepts."""


def count_of(name: str, value: Any, least: int = 1, most: Optional[int] = None) -> int:
    try:
        count = operator.index(value)
        if count >= least and (most is None or count <= most):
            return count
    except TypeError:
        pass
    range_of_it = f'from {least} on' if most is None else f'from {least} to {most}'
    raise ValueError(f'{name}={value!r:.40}, expected an integer {range_of_it}.')


def rows_of(fold: Any) -> Any:
    """The number of rows of a sketch as an integer. A map of such numbers is returned unchanged."""
    return fold if fold is None or isinstance(fold, Mapping) else count_of('fold', fold)


def share_of(name: str, value: Any) -> float:
    try:
        share = float(value)
    except (TypeError, ValueError):
        share = math.nan
    if not 0 <= share < math.inf:
        raise ValueError(f'{name}={value!r:.40}, expected a number from 0 on, such as 0.03.')
    return share


def code_of(dtype: Any) -> Optional[str]:
    if dtype is None or (isinstance(dtype, str) and dtype in CODES):
        return dtype
    raise ValueError(f'dtype={dtype!r:.40}, expected one of {", ".join(map(repr, CODES))}.')


def name_of(what: str, name: Any) -> str:
    plain = text(name)
    size = len(plain.encode())
    if size > LONGEST_TEXT:
        raise ValueError(
            f'{what} "{plain[:20]}..." has a name of {size:,} bytes, at most {LONGEST_TEXT:,} are allowed.'
        )
    return plain


def require_distinct(names: Sequence[str]) -> None:
    twice = next((name for name in names if names.count(name) > 1), None) if len({*names}) < len(names) else None
    if twice is not None:
        raise ValueError(f'two tensors are called "{twice}". Give each its own name.')
