"""Singular values of a delta matrix (D x T): exact, and as a stream with few columns finds them."""

import numpy as np


def exact(deltas):
    """Left singular vectors (D x T) and singular values (T), by LAPACK in float64."""
    left, sigma, _ = np.linalg.svd(deltas, full_matrices=False)
    return left, sigma


def streaming(deltas, columns, block):
    """Singular values by block updates: B becomes the best factor of [B X] with so many columns."""
    factor = np.zeros((len(deltas), 0))
    for first in range(0, deltas.shape[1], block):
        joined = np.concatenate([factor, deltas[:, first : first + block]], axis=1)
        squares, right = np.linalg.eigh(joined.T @ joined)
        factor = joined @ right[:, ::-1][:, :columns]
    return np.sqrt(np.sum(factor * factor, axis=0))


def captured(sigma, energy, rank):
    """The part of the energy that the first `rank` directions hold."""
    return float(np.sum(sigma[:rank] ** 2) / energy)


def of_rank(deltas, rank):
    """The nearest matrix of this rank."""
    left, _ = exact(deltas)
    leading = left[:, :rank]
    return leading @ (leading.T @ deltas)
