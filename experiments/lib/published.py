"""The published way to a spectrum, in NumPy: `python3 published.py run.thalweg output/kernel 16`.

Positions of all members' tensor as they are, or along their principal components (`--components 10`), with delays and
without an intercept, truncated to the ten leading singular vectors (Redman et al. 2024). `koopman` takes rows of at
most 1,024 numbers, which most tensors exceed. Several numbers of delays give as many spectra.
"""

import argparse
import json

import msgpack
import numpy as np

MODES = 10


def positions(path: str, tensor: str) -> np.ndarray:
    """Of each member at each recorded step: members by steps by weights."""
    at, dtype, paths = 0, '', {}
    with open(path, 'rb') as file:
        for frame in msgpack.Unpacker(file, max_buffer_size=2**31 - 1):
            if frame['kind'] == 'open':
                at = [own['name'] for own in frame['tensors']].index(tensor)
                dtype = {'f32': '<f4', 'f64': '<f8'}[frame['tensors'][at]['dtype']]
            if frame['kind'] not in ('anchor', 'delta'):
                continue
            values = np.frombuffer(frame['data'][at], dtype).astype(np.float64)
            own = paths.setdefault(frame.get('member', 0), [])
            if frame['kind'] == 'delta':
                own.append(own[-1] + values)
            elif not own:
                own.append(values)
    return np.array([paths[member] for member in sorted(paths)])


def along_components(paths: np.ndarray, count: int) -> np.ndarray:
    """Absolute positions along principal components of all but the last one, which are about the mean, as published."""
    rows = paths[:, :-1].reshape(-1, paths.shape[2])
    centred = rows - rows.mean(axis=0)
    squares, vectors = np.linalg.eigh(centred @ centred.T)
    components = (vectors[:, -count:] / np.sqrt(squares[-count:])).T @ centred
    return paths @ components.T


def eigenvalues(paths: np.ndarray, delays: int) -> np.ndarray:
    """Of the map from each row [x(t - delays) ... x(t)] to the next one, pooled over members."""
    steps = paths.shape[1]
    delayed = [paths[:, i : steps - delays + i] for i in range(delays + 1)]
    rows = np.concatenate(delayed, axis=2)
    earlier, later = (part.reshape(-1, rows.shape[2]) for part in (rows[:, :-1], rows[:, 1:]))
    # The smaller Gram matrix has the same leading singular vectors.
    wide = earlier.shape[1] > earlier.shape[0]
    gram = earlier @ earlier.T if wide else earlier.T @ earlier
    squares, vectors = np.linalg.eigh(gram)
    sizes, leading = np.sqrt(squares[-MODES:]), vectors[:, -MODES:]
    left, right = (earlier.T @ leading / sizes, leading) if wide else (leading, earlier @ leading / sizes)
    return np.linalg.eigvals(left.T @ (later.T @ right) / sizes)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument('recording')
    parser.add_argument('tensor')
    parser.add_argument('delays', type=int, nargs='+')
    parser.add_argument('--components', type=int)
    options = parser.parse_args()
    paths = positions(options.recording, options.tensor)
    if options.components:
        paths = along_components(paths, options.components)
    found = [eigenvalues(paths, delays) for delays in options.delays]
    print(json.dumps([[[own.real, own.imag] for own in spectrum] for spectrum in found]))


main()
