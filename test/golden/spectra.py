"""Eigenvalues and singular values of small matrices by LAPACK, through NumPy.

Prints test/golden/spectra.json.

Entries are integers below 2^15 from a 32-bit generator, so that any language makes the same
matrices exactly.
"""

import json

import numpy as np


def integers(count, seed):
    state = seed
    for _ in range(count):
        state = (1664525 * state + 1013904223) % 2**32
        yield (state >> 16) - 2**15


def dense(n, seed):
    return np.array(list(integers(n * n, seed)), float).reshape(n, n)


def companion(n, seed):
    a = np.eye(n, k=-1)
    a[0] = list(integers(n, seed))
    return a


def graded(n, seed):
    """Rows and columns that shrink by powers of two."""
    scale = 2.0 ** -np.arange(n)
    return dense(n, seed) * scale * scale[:, None]


MAKERS = {
    'dense': dense,
    'symmetric': lambda n, seed: dense(n, seed) + dense(n, seed).T,
    'skew': lambda n, seed: dense(n, seed) - dense(n, seed).T,
    'triangular': lambda n, seed: np.triu(dense(n, seed)),
    'companion': companion,
    'graded': graded,
    'cyclic': lambda n, _: np.roll(np.eye(n), 1, 0),
}


def case(kind, n, seed):
    a = MAKERS[kind](n, seed)
    mu = sorted(np.linalg.eigvals(a), key=lambda z: (-abs(z), -z.real, -z.imag))
    return {
        'kind': kind,
        'n': n,
        'seed': seed,
        'eigenvalues': [[z.real, z.imag] for z in mu],
        'singularValues': np.linalg.svd(a, compute_uv=False).tolist(),
    }


SIZES = [(1, 1), (2, 2), (2, 3), (3, 4), (4, 5), (7, 6), (16, 7), (32, 8)]
print(json.dumps([case(kind, *each) for kind in MAKERS for each in SIZES]))
