"""What NumPy and LAPACK say of matrices. Each command prints JSON, an entry for each shape.

matrices.py stability pairs.f64 64x64 300x60
matrices.py values matrices.f64 512x512 3072x768
matrices.py tail values.f64 512 768

The file holds float64 by rows, one after another: two matrices of each shape for `stability`,
one for `values`, so many values for `tail`.
"""

import json
import sys

import numpy as np

CUT = 1e-6
LEAST_TAIL = 10


def polar(a):
    """U V^T with the longer side down, and how many directions are kept."""
    tall = a if a.shape[0] >= a.shape[1] else a.T
    u, sigma, v = np.linalg.svd(tall, full_matrices=False)
    kept = int(np.sum(sigma >= CUT * sigma[0]))
    return u[:, :kept] @ v[:kept], kept


def stability(before, now):
    """Mean cosine between the columns of the polar factors (Coquelin et al., OIALR)."""
    (p, first), (q, second) = polar(before), polar(now)
    norms = np.sqrt(np.sum(p * p, axis=0) * np.sum(q * q, axis=0))
    there = norms > 1e-9
    cosines = np.sum(p * q, axis=0)[there] / norms[there]
    return {'stability': float(np.mean(cosines)), 'kept': [first, second]}


def values(a):
    return np.linalg.svd(a, compute_uv=False).tolist()


def tail(sigma):
    """Power law of the eigenvalues sigma^2 above the x_min of least distance (Clauset et al. 2009)."""
    x = np.sort(sigma**2)
    best = None
    for i in range(len(x) - LEAST_TAIL + 1):
        own = x[i:]
        logs = np.log(own / own[0])
        if logs.sum() == 0:
            continue
        alpha = 1 + len(own) / logs.sum()
        fitted = 1 - np.exp(-(alpha - 1) * logs)
        distance = np.max(np.abs(np.arange(len(own)) / len(own) - fitted))
        if best is None or distance < best['distance']:
            best = {'exponent': alpha, 'distance': distance, 'count': len(own)}
    return best


def main():
    command, path, *shapes = sys.argv[1:]
    numbers = np.fromfile(path, '<f8')
    sizes = [[int(n) for n in shape.split('x')] for shape in shapes]
    ask = {'stability': stability, 'values': values, 'tail': tail}[command]
    found = []
    for size in sizes:
        taken = []
        for _ in range(2 if command == 'stability' else 1):
            count = int(np.prod(size))
            taken.append(numbers[:count].reshape(size))
            numbers = numbers[count:]
        found.append(ask(*taken))
    print(json.dumps(found))


main()
