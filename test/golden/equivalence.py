"""Koopman eigenvalues of two optimizers by LAPACK, through NumPy, as Redman et al. (2024) compute them.

Prints test/golden/equivalence.json: online mirror descent and online gradient descent of
f(x) = tan x_1 + tan x_2 on [0.01, 1]^2 from 25 starts, 100 steps, 4 delays, no truncation, no mean.
"""

import json

import numpy as np

ETA, STEPS, DELAYS = 0.01, 100, 4


def mirror(x):
    return np.clip(-1 / (-1 / x - ETA / np.cos(x) ** 2), 0.01, 1)


def descent(u):
    return np.clip(u - ETA * np.exp(u) / np.cos(np.exp(u)) ** 2, np.log(0.01), 0)


def path(step, start):
    points = [np.array(start)]
    while len(points) < STEPS:
        points.append(step(points[-1]))
    return np.array(points)


def delayed(points):
    rows = len(points) - DELAYS
    return np.hstack([points[i : i + rows] for i in range(DELAYS + 1)])


def spectrum(step, first, last):
    axis = np.linspace(first, last, 5)
    all_rows = [delayed(path(step, (x, y))) for x in axis for y in axis]
    now = np.vstack([rows[:-1] for rows in all_rows])
    later = np.vstack([rows[1:] for rows in all_rows])
    values = np.linalg.eigvals(np.linalg.lstsq(now, later, rcond=None)[0])
    return [[value.real, value.imag] for value in sorted(values, key=abs, reverse=True)]


print(
    json.dumps(
        {'omd': spectrum(mirror, 0.1, 0.9), 'ogd': spectrum(descent, -2.3, -0.1)}, indent=1
    )
)
