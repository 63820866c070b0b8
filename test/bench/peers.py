"""The peers on one thread: makes the deltas, then does what each line of stdin names; a line of JSON for each.

peers.py data.f32 rows steps rank columns block modes   (data: steps x rows, one step after another)
"""

import json
import os
import sys
import time
from pathlib import Path

for name in ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS'):
    os.environ[name] = '1'

import numpy as np
import sklearn
import torch
from sklearn.decomposition import IncrementalPCA

sys.path.append(str(Path(__file__).parent.parent / 'golden'))
import modes as correlation_modes

ROWS_AT_A_TIME = 4096
# What the slowest peers are given of the weights.
PART = 16384


def deltas(path, rows, steps):
    """Of known spectrum: a power law in 64 directions, and noise; written as f32."""
    random = np.random.default_rng(1)
    directions = min(64, steps)
    left = random.standard_normal((directions, rows), dtype=np.float32) / np.sqrt(rows)
    right = np.linalg.qr(random.standard_normal((steps, directions)))[0]
    scaled = right / np.arange(1, directions + 1)
    x = (scaled @ left + 1e-3 / np.sqrt(rows) * random.standard_normal((steps, rows))).astype('<f4')
    x.tofile(path)


def exact(x):
    """Singular values by LAPACK in f64."""
    return np.linalg.svd(np.linalg.qr(x.T.astype(float), 'r'), compute_uv=False)


def incremental_pca(x, rank, columns, block):
    model = IncrementalPCA(columns)
    model.partial_fit(x[:columns])
    for at in range(columns, len(x), block):
        model.partial_fit(x[at : at + block])
    return model.singular_values_[:rank]


def lowrank(x, rank, columns, centred):
    """PyTorch's randomized decompositions, which hold all steps at once."""
    torch.manual_seed(1)
    decompose = torch.pca_lowrank if centred else torch.svd_lowrank
    return decompose(torch.from_numpy(x), columns)[1][:rank].numpy()


def block_gram(x, rank, columns, block, wide):
    """C = M M', C = V L V', B <- V' M for M = [B; X]; in f64 by pieces that fit the caches, or in f32."""
    rows = x.shape[1]
    b = np.zeros((0, rows), np.float32)
    for at in range(0, len(x), block):
        m = np.concatenate([b, x[at : at + block]])
        pieces = [slice(i, i + ROWS_AT_A_TIME) for i in range(0, rows, ROWS_AT_A_TIME)]
        if wide:
            c = np.zeros((len(m), len(m)))
            for piece in pieces:
                part = m[:, piece].astype(float)
                c += part @ part.T
        else:
            c = (m @ m.T).astype(float)
        squares, vectors = np.linalg.eigh(c)
        squares, v = squares[::-1][:columns], vectors[:, ::-1][:, :columns]
        b = np.empty((v.shape[1], rows), np.float32)
        if wide:
            for piece in pieces:
                b[:, piece] = v.T @ m[:, piece].astype(float)
        else:
            np.matmul(v.T.astype(np.float32), m, out=b)
    return np.sqrt(squares[:rank])


def batch_modes(x, modes):
    """One epoch of the paper's batch: references from a sample, every weight against them, its affine fit."""
    positions = np.cumsum(x, axis=0, dtype=float).T
    chosen = np.sort(np.random.default_rng(0).choice(len(positions), 1000, replace=False))
    references = chosen[correlation_modes.references(positions[chosen], modes)]
    assignment = correlation_modes.assign(positions, references)
    return correlation_modes.fit(positions, references, assignment)


def main():
    path, (rows, steps, rank, columns, block, modes) = sys.argv[1], map(int, sys.argv[2:])
    deltas(path, rows, steps)
    x = np.fromfile(path, '<f4').reshape(steps, rows)
    torch.set_num_threads(1)

    works = {
        'exact': lambda: {'values': exact(x)[:rank].tolist()},
        'exact, part': lambda: {'values': exact(x[:, :PART])[:rank].tolist()},
        'exact, centred': lambda: {'values': exact(x - x.mean(0, dtype=float))[:rank].tolist()},
        'IncrementalPCA': lambda: {'values': incremental_pca(x, rank, columns, block).tolist()},
        # As many columns in memory, in the batches that are fastest there: no more components than are reported.
        'IncrementalPCA, best': lambda: {
            'values': incremental_pca(x, rank, rank, columns + block - rank).tolist()
        },
        'svd_lowrank': lambda: {'values': lowrank(x, rank, columns, False).tolist()},
        'pca_lowrank': lambda: {'values': lowrank(x, rank, columns, True).tolist()},
        'f64': lambda: {'values': block_gram(x, rank, columns, block, True).tolist()},
        'f32': lambda: {'values': block_gram(x, rank, columns, block, False).tolist()},
        'modes': lambda: {'explained': batch_modes(x, modes).explained},
    }
    versions = {'NumPy': np.__version__, 'scikit-learn': sklearn.__version__, 'torch': torch.__version__}
    print(json.dumps({'versions': versions}), flush=True)
    for line in sys.stdin:
        start = time.perf_counter()
        result = works[line.strip()]()
        print(json.dumps({'seconds': time.perf_counter() - start, **result}), flush=True)


if __name__ == '__main__':
    main()
