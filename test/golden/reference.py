"""References in NumPy for what the engine says of a recorded stream. Each command prints JSON.

reference.py svd run.thalweg --rank 16
reference.py projection run.thalweg --directions columns.f32 --to 496
reference.py cmd run.thalweg --references 1.weight:17 3.bias:4 --window 21 500 --choose 20 \
    --block 16
reference.py null run.thalweg --rank 16 --columns 32 --block 16 --modes 10 --warmup 20 \
    --choose 20 --samples 1000 --seeds 20
reference.py project run.thalweg --rank 8 --out rank8.thalweg
"""

import argparse
import dataclasses
import json

import numpy as np

import modes
import recording
import spectrum
from walk import walk


def svd(args):
    """Singular values, energy and the part that the first `rank` directions capture."""
    deltas = recording.read(args.file).deltas
    _, sigma = spectrum.exact(deltas)
    energy = float(np.sum(deltas * deltas))
    return {
        'singularValues': sigma.tolist(),
        'energy': energy,
        'captured': spectrum.captured(sigma, energy, args.rank),
    }


def projection(args):
    """Relative error of projecting the deltas on given directions, and the least of as many."""
    run = recording.read(args.file)
    deltas = run.deltas[:, np.array(run.steps) <= args.to]
    columns = np.fromfile(args.directions, '<f4').astype(float).reshape(-1, len(deltas))
    basis, _ = np.linalg.qr(columns.T)
    _, sigma = spectrum.exact(deltas)
    error = np.linalg.norm(deltas - basis @ (basis.T @ deltas))
    least = np.linalg.norm(sigma[len(columns) :])
    return {
        'projectionError': error / np.linalg.norm(sigma),
        'least': least / np.linalg.norm(sigma),
    }


def cmd(args):
    """The batch fit over a window of steps; modes are chosen by its first steps, then followed."""
    run = recording.read(args.file)
    steps = np.array(run.steps)
    inside = (steps >= args.window[0]) & (steps <= args.window[1])
    weights = (run.weights[:, None] + run.positions)[:, inside]
    references = [run.row(*name.rsplit(':', 1)) for name in args.references]
    before = int(np.sum(steps < args.window[0]))
    assignment, reassigned = modes.track(
        weights, references, args.choose, checks(before, args.choose, len(steps), args.block)
    )
    return {**modes.fit(weights, references, assignment)._asdict(), 'reassigned': reassigned}


def checks(before, choose, steps, block):
    """Columns of a window after each full block that reaches beyond the choice."""
    ends = np.arange(block, steps + 1, block) - before
    return ends[ends > choose]


def null(args):
    """What cmd finds in a matched Gaussian walk, for each seed."""
    run = recording.read(args.file)
    deltas = run.deltas
    sizes = np.diff(run.first_rows())
    found = {'explained': [], 'meanAbsCorrelation': []}
    for seed in range(args.seeds):
        random = np.random.default_rng(seed)
        steps = walk(deltas, args.block, random)
        positions = np.cumsum(steps, axis=1)
        rows = modes.sample(sizes, args.samples, random)
        centres = rows[modes.references(positions[rows, : args.warmup], args.modes)]
        window = positions[:, args.warmup :]
        ends = checks(args.warmup, args.choose, positions.shape[1], args.block)
        assignment, _ = modes.track(window, centres, args.choose, ends)
        fit = modes.fit(window, centres, assignment)
        found['explained'].append(fit.explained)
        found['meanAbsCorrelation'].append(fit.meanAbsCorrelation)
    return found


def project(args):
    """Writes the recording with its deltas projected on their leading directions, in float32."""
    run = recording.read(args.file)
    recording.write(
        args.out, dataclasses.replace(run, deltas=spectrum.of_rank(run.deltas, args.rank))
    )
    return {'file': args.out}


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True)

    def command(run, *options):
        added = commands.add_parser(run.__name__, help=run.__doc__)
        added.set_defaults(run=run)
        added.add_argument('file')
        for name, settings in options:
            added.add_argument(name, **{'required': True, **settings})

    number = {'type': int}
    command(svd, ('--rank', number))
    command(projection, ('--directions', {}), ('--to', number))
    command(
        *(cmd, ('--references', {'nargs': '+'})),
        *(('--window', {'type': int, 'nargs': 2}), ('--choose', number), ('--block', number)),
    )
    names = ['block', 'modes', 'warmup', 'choose', 'samples', 'seeds']
    command(null, *((f'--{name}', number) for name in names))
    command(project, ('--rank', number), ('--out', {}))
    return parser.parse_args()


if __name__ == '__main__':
    args = arguments()
    print(json.dumps(args.run(args), default=np.ndarray.tolist))
