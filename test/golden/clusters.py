"""Clusters of random walks by SciPy, and each walk's mean |corr| to its own cluster's members.

Prints test/golden/clusters.json.

The walks are made of sums of integers below 2^16 from a 32-bit generator, so that any language
makes the same ones exactly.
"""

import json

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import pdist


def walks(count, length, seed):
    state = seed
    rows = np.zeros((count, length))
    for i in range(count):
        position = 0
        for t in range(length):
            state = (1664525 * state + 1013904223) % 2**32
            position += (state >> 16) - 2**15
            rows[i, t] = position
    return rows


def case(count, length, most, seed):
    rows = walks(count, length, seed)
    similarity = np.abs(np.corrcoef(rows))
    tree = linkage(pdist(similarity), 'complete')
    labels = fcluster(tree, most, 'maxclust')
    same = labels[:, None] == labels
    return {
        'count': count,
        'length': length,
        'modes': most,
        'seed': seed,
        'heights': tree[:, 2].tolist(),
        'labels': labels.tolist(),
        'centrality': ((similarity * same).sum(axis=1) / same.sum(axis=1)).tolist(),
    }


CASES = [(2, 5, 3, 1), (30, 20, 4, 2), (101, 12, 10, 3), (120, 40, 1, 4), (90, 20, 255, 5)]
print(json.dumps([case(*each) for each in CASES]))
