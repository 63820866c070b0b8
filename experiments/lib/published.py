"""The published way to a spectrum, in NumPy: `python3 published.py run.thalweg 16 8` prints two, by 16 and 8 delays.

Positions of all members' second layer as they are, with delays and without an intercept, truncated to the ten
leading singular vectors (Redman et al. 2024). `koopman` takes rows of at most 1,024 numbers, which 400 weights and
two delays exceed.
"""

import json
import sys

import msgpack
import numpy as np

MODES = 10


def positions(path: str, tensor: str) -> np.ndarray:
    """Of each member at each recorded step: members by steps by weights."""
    at, paths = 0, {}
    with open(path, 'rb') as file:
        for frame in msgpack.Unpacker(file, max_buffer_size=2**31 - 1):
            if frame['kind'] == 'open':
                at = [own['name'] for own in frame['tensors']].index(tensor)
            if frame['kind'] not in ('anchor', 'delta'):
                continue
            values = np.frombuffer(frame['data'][at], '<f4').astype(np.float64)
            own = paths.setdefault(frame.get('member', 0), [])
            if frame['kind'] == 'delta':
                own.append(own[-1] + values)
            elif not own:
                own.append(values)
    return np.array([paths[member] for member in sorted(paths)])


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
    path, *delays = sys.argv[1:]
    paths = positions(path, 'output/kernel')
    found = [eigenvalues(paths, int(own)) for own in delays]
    print(json.dumps([[[own.real, own.imag] for own in spectrum] for spectrum in found]))


main()
