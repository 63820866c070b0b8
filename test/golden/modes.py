"""Correlation mode decomposition in batch (Brokman et al. 2024, arXiv:2312.13247).

Positions are D x T: a row for each weight, a column for each recorded step. Constant weights are a
class of their own, not members of a mode.
"""

from typing import NamedTuple

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import pdist

CONSTANT = -1


class Fit(NamedTuple):
    """w_i ~ a_i w_r + b_i, where r is the reference of i's mode; without one a = 0, b = mean."""

    assignment: np.ndarray
    a: np.ndarray
    b: np.ndarray
    explained: float
    meanAbsCorrelation: float
    constants: int


def correlations(positions, references):
    """Of every row with every reference row: D x M; 0 where one of them is constant."""
    centred = positions - positions.mean(axis=1, keepdims=True)
    clocks = references - references.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(centred, axis=1)[:, None] * np.linalg.norm(clocks, axis=1)
    products = centred @ clocks.T
    return np.divide(products, norms, out=np.zeros_like(products), where=norms > 0)


def moving(positions):
    """Which rows are not constant."""
    return np.any(positions != positions[:, :1], axis=1)


def assign(positions, references):
    """Mode of every row: its best reference; CONSTANT for a row that does not move."""
    best = np.argmax(np.abs(correlations(positions, positions[references])), axis=1)
    return np.where(moving(positions), best, CONSTANT)


def fit(positions, references, assignment):
    """Least squares of every row against the reference of its mode."""
    mean = positions.mean(axis=1)
    centred = positions - mean[:, None]
    clock = np.asarray(references)[assignment]
    product = np.einsum('ij,ij->i', centred, centred[clock])
    energy = np.einsum('ij,ij->i', centred, centred)
    held = assignment != CONSTANT
    a = np.where(held, product / energy[clock], 0)
    correlation = np.divide(
        product, np.sqrt(energy * energy[clock]), out=np.zeros(len(a)), where=held & (energy > 0)
    )
    residual = np.sum(energy * (1 - correlation**2))
    moved = moving(positions)
    return Fit(
        assignment=assignment,
        a=a,
        b=mean - a * mean[clock],
        explained=float(1 - residual / energy.sum()),
        meanAbsCorrelation=float(np.mean(np.abs(correlation[moved]))),
        constants=int(np.sum(~moved)),
    )


def sample(sizes, count, random):
    """Rows whose history is kept: half spread evenly over the tensors, half by their sizes."""
    sizes = np.asarray(sizes)
    if count / 2 < len(sizes):
        return np.sort(random.choice(sizes.sum(), min(count, sizes.sum()), replace=False))
    taken = np.minimum(count // (2 * len(sizes)), sizes)
    more = (sizes / sizes.sum() * count / 2).astype(int)
    taken += np.where(taken + more <= sizes, more, 0)
    for _ in range(min(count, sizes.sum()) - taken.sum()):
        taken[np.argmin(np.where(taken < sizes, taken, np.iinfo(int).max))] += 1
    starts = np.cumsum(sizes) - sizes
    drawn = [a + random.choice(n, k, replace=False) for a, n, k in zip(starts, sizes, taken)]
    return np.sort(np.concatenate(drawn))


def references(histories, modes):
    """Indices of the reference rows among sampled histories, the largest mode's first."""
    rows = np.flatnonzero(moving(histories))
    similarity = np.abs(correlations(histories[rows], histories[rows]))
    labels = fcluster(linkage(pdist(similarity), 'complete'), modes, 'maxclust')
    clusters = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    clusters.sort(key=len, reverse=True)
    centres = [
        cluster[np.argmax(similarity[np.ix_(cluster, cluster)].sum(axis=1))] for cluster in clusters
    ]
    return rows[centres]


def batch(positions, sizes, modes, samples, random):
    """References of a batch as published, and the fit of all weights to the best of them."""
    rows = sample(sizes, samples, random)
    chosen = rows[references(positions[rows], modes)]
    return chosen, fit(positions, chosen, assign(positions, chosen))
