"""A model folded by the writer and by the reader: the same figures, from 256 KB a step and from all its weights.

    $ python python/bench/large.py [--weights 1e8] [--steps 16]

One training goes into two `thalweg run`s at once, whole and folded. `THALWEG` names the command line.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import threading
from typing import Any

import numpy as np

from thalweg import Stream

FIGURES = {
    'svd': ['singularValues', 'energy', 'captured', 'participationRatio'],
    'health': ['updateNorm', 'weightNorm', 'updateCosine', 'pathRatio'],
}
SIDE = 4096


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--weights', type=float, default=1e8, help='(%(default)s)')
    parser.add_argument('--steps', type=int, default=12, help='(%(default)s)')
    args = parser.parse_args()
    random = np.random.default_rng(0)
    layers = max(1, round(args.weights / SIDE**2))
    model = [(f'layer.{i}', random.standard_normal((SIDE, SIDE), 'f4')) for i in range(layers)]
    whole, folded = Watched(model), Watched(model, fold=2**16)
    left = random.standard_normal((SIDE, 4)).astype('f4') * 1e-4
    for step in range(1, args.steps + 1):
        for _, weights in model:
            right = random.standard_normal((4, SIDE)).astype('f4')
            weights += left @ right
        for watched in (whole, folded):
            watched.stream.record(step)
    expected, got = whole.figures(), folded.figures()
    count = sum(weights.size for _, weights in model)
    print(f'{count:,} weights, {args.steps} steps')
    print(f'bytes a step: whole {whole.bytes // args.steps:,}, folded {folded.bytes // args.steps:,}')
    for stage, names in FIGURES.items():
        for name in names:
            a, b = (np.atleast_1d(np.asarray(each[stage][name], float)) for each in (got, expected))
            print(f'{stage}.{name:<17} {b[0]:12.6g}   differs by {np.abs(a / b - 1).max():.1e}')


class Watched:
    """A stream into a `thalweg run` at the pipeline `sketch`, the bytes that went, and the last figures that came."""

    def __init__(self, model: Any, **options: Any) -> None:
        self.bytes = 0
        command = shlex.split(os.environ.get('THALWEG', 'node dist/node/cli/main.js'))
        self._reader = subprocess.Popen(
            [*command, 'run', 'sketch', '--quiet'], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._lines: list[bytes] = []
        self._listens = threading.Thread(target=lambda: self._lines.extend(self._reader.stdout or ()))
        self._listens.start()
        self.stream = Stream(model, out=self, pace='every', strict=True, **options)
        self.bytes = 0  # of the steps alone

    def write(self, data: Any) -> int:
        assert self._reader.stdin is not None
        self.bytes += len(data)
        self._reader.stdin.write(data)
        return len(data)

    def figures(self) -> dict[str, Any]:
        self.stream.close()
        assert self._reader.stdin is not None
        self._reader.stdin.close()
        self._reader.wait()
        self._listens.join()
        return {summary['stage']: summary['values'] for summary in map(json.loads, self._lines)}


if __name__ == '__main__':
    main()
