"""The sketch of many weights: each row is a signed sum of elements.

There are m rows. Element e of a group is in chunk c = floor(e / m). It is added with a random sign to row
(e + turn(c)) mod m. Signs and turns depend only on the seed and the place, in the same way as in Thalweg's engine, so
either side may fold. The sketch is linear: the sketch of a change is the change of the sketch, and the sketch of a
model is the sum of the sketches of its parts. The standard deviation of an inner product is at most 1 / sqrt(m) of the
norms, and that of a norm is 1 / sqrt(2 m) of the norm, whatever the number of elements (Charikar, Chen and
Farach-Colton 2002).
"""

from __future__ import annotations

import numpy as np

SIGN_RUN = 128
"""The signs of this many elements come from one draw of four words."""

RUNS_AT_ONCE = 2**14


def mix(words: np.ndarray) -> np.ndarray:
    """The finaliser of MurmurHash3 on an array of uint32."""
    h = words ^ (words >> np.uint32(16))
    h = h * np.uint32(0x85EBCA6B)
    h ^= h >> np.uint32(13)
    h *= np.uint32(0xC2B2AE35)
    h ^= h >> np.uint32(16)
    mixed: np.ndarray = h
    return mixed


def turns(first: int, count: int, rows: int, seed: int) -> np.ndarray:
    """The number of rows by which each of these chunks is rotated (int64)."""
    inner = mix(np.arange(first, first + count, dtype=np.int64).astype(np.uint32))
    return mix(np.uint32(~seed & 0xFFFFFFFF) ^ inner).astype(np.int64) % rows


def sign_words(first_run: int, count: int, seed: int) -> np.ndarray:
    """The four words of each of these runs. Bit 31 - i // 4 of word i mod 4 is set if element i has a negative sign."""
    places = np.arange(4 * first_run, 4 * (first_run + count), dtype=np.int64)
    return mix(np.uint32(seed & 0xFFFFFFFF) ^ mix(places.astype(np.uint32))).reshape(count, 4)


def signs(first: int, count: int, seed: int) -> np.ndarray:
    """The signs of elements [first, first + count): int8, 1 or -1."""
    out = np.empty(count, np.int8)
    end = -(-(first + count) // SIGN_RUN)
    for begin in range(first // SIGN_RUN, end, RUNS_AT_ONCE):
        runs = min(RUNS_AT_ONCE, end - begin)
        words = sign_words(begin, runs, seed)
        bits = np.unpackbits(words.astype('>u4').view(np.uint8).reshape(runs, 4, 4), axis=-1)
        minus = bits.reshape(runs, 4, 32).transpose(0, 2, 1).reshape(-1).view(np.int8)
        at = begin * SIGN_RUN - first
        low, high = max(at, 0), min(at + runs * SIGN_RUN, count)
        np.subtract(1, 2 * minus[low - at : high - at], out=out[low:high], casting='unsafe')
    return out


def fold(sums: np.ndarray, values: np.ndarray, own_signs: np.ndarray, first: int, seed: int) -> None:
    """Adds elements [first, first + n) to the sums of their rows, in f64.

    sums       f64, one for each row
    values     f32 or f64, n of them
    own_signs  int8, their signs
    """
    rows, size = len(sums), len(values)
    scratch = np.empty(min(rows, size), values.dtype)
    chunk = first // rows
    turn = turns(chunk, (first + size) // rows - chunk + 1, rows, seed)
    at = 0
    while at < size:
        element = first + at
        count = min(rows - element % rows, size - at)
        signed = scratch[:count]
        np.multiply(values[at : at + count], own_signs[at : at + count], out=signed)
        row = int(element + turn[element // rows - chunk]) % rows
        head = min(count, rows - row)
        sums[row : row + head] += signed[:head]
        sums[: count - head] += signed[head:]
        at += count
