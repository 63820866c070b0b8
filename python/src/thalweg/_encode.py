"""Converts values of tensors to the bytes in frames."""

from __future__ import annotations

from typing import Optional

import numpy as np

CODES = {'f32': '<f4', 'f64': '<f8', 'f16': '<f2', 'bf16': '<u2'}


def absolute(weight: np.ndarray, previous: Optional[np.ndarray], values: np.ndarray) -> bool:
    """Writes an anchor's values, and sets `previous` to the weights. Returns whether all values are finite."""
    values[:] = weight
    if previous is not None:
        previous[:] = weight
    return is_finite(values)


def difference(weight: np.ndarray, previous: np.ndarray, values: np.ndarray) -> bool:
    """Writes a delta's values. `previous` moves by the values as sent, so the next delta corrects their rounding.

    Gives whether all are finite.
    """
    if values.dtype == np.uint16:
        values[:] = to_bf16(weight - previous)
        sent = (values.astype('<u4') << 16).view('<f4')
    else:
        sent = np.subtract(weight, previous, out=values, casting='same_kind')
    previous += sent
    return is_finite(sent)


def to_bf16(values: np.ndarray) -> np.ndarray:
    """The nearest bfloat16 of each value, ties to even, as bits."""
    bits = values.astype('<f4', copy=False).view('<u4')
    nearest = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16
    nan = bits & 0x7FFFFFFF > 0x7F800000  # rounding would carry into the sign bit
    return np.where(nan, 0x7FC0, nearest).astype('<u2')


def is_finite(values: np.ndarray) -> bool:
    """Whether all values are finite. If the sum is not, it may have overflowed, so each value is checked."""
    wide = values.dtype if values.dtype.itemsize >= 4 else np.dtype('f4')
    return bool(np.isfinite(values.sum(dtype=wide)) or np.isfinite(values).all())
