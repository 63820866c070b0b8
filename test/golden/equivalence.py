"""Koopman eigenvalues of three optimizers by LAPACK, through NumPy, as Redman et al. (2024) compute them.

Prints test/golden/equivalence.json: online mirror descent and online gradient descent of
f(x) = tan x_1 + tan x_2 on [0.01, 1]^2, and bisection for its root, from 25 starts, 100 steps, 4 delays, no
truncation, no mean. Where bisection meets the root, zeros follow, as in the authors' arrays.
"""

import json

import numpy as np

ETA, STEPS, DELAYS = 0.01, 100, 4


def mirror(x):
    return np.clip(-1 / (-1 / x - ETA / np.cos(x) ** 2), 0.01, 1)


def descent(u):
    return np.clip(u - ETA * np.exp(u) / np.cos(np.exp(u)) ** 2, np.log(0.01), 0)


def grid(first, last):
    axis = np.linspace(first, last, 5)
    return [np.array((x, y)) for x in axis for y in axis]


def descents(step, first, last):
    for start in grid(first, last):
        points = [start]
        while len(points) < STEPS:
            points.append(step(points[-1]))
        yield np.array(points)


def bisections():
    for lower, upper in zip(grid(-4 / 3, -1 / 3), grid(1 / 7, 8 / 7), strict=True):
        a, b = lower, upper
        points = np.zeros((STEPS, 2))
        points[0] = (a + b) / 2
        for t in range(1, STEPS):
            value = np.tan(points[t - 1]).sum()
            if value == 0:
                break
            if value < 0:
                a = points[t - 1]
            else:
                b = points[t - 1]
            points[t] = (a + b) / 2
        yield points


def delayed(points):
    rows = len(points) - DELAYS
    return np.hstack([points[i : i + rows] for i in range(DELAYS + 1)])


def spectrum(paths):
    all_rows = [delayed(points) for points in paths]
    now = np.vstack([rows[:-1] for rows in all_rows])
    later = np.vstack([rows[1:] for rows in all_rows])
    values = np.linalg.eigvals(np.linalg.lstsq(now, later, rcond=None)[0])
    return [[value.real, value.imag] for value in sorted(values, key=abs, reverse=True)]


print(
    json.dumps(
        {
            'omd': spectrum(descents(mirror, 0.1, 0.9)),
            'ogd': spectrum(descents(descent, -2.3, -0.1)),
            'bisection': spectrum(bisections()),
        },
        indent=1,
    )
)
