"""References in NumPy for what the engine says of a recorded stream. Each command prints JSON.

reference.py svd run.thalweg --rank 16
reference.py projection run.thalweg --directions columns.f32 --to 496
reference.py cmd run.thalweg --references 1.weight:17 3.bias:4 --to 496
reference.py stream run.thalweg --modes 10 --block 16 --seed 3
reference.py batch run.thalweg --modes 10 --samples 1000 --seeds 5 --steps 4
reference.py null run.thalweg --rank 16 --columns 32 --block 16 --seeds 20
reference.py project run.thalweg --rank 8 --out rank8.thalweg
"""

import argparse
import dataclasses
import json

import numpy as np

import cover
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
    """The batch fit of every weight to the best of given references."""
    run = recording.read(args.file)
    weights = (run.weights[:, None] + run.positions)[:, np.array(run.steps) <= args.to]
    references = [run.row(*name.rsplit(':', 1)) for name in args.references]
    return modes.fit(weights, references, modes.assign(weights, references))._asdict()


def stream(args):
    """What the stream's own method finds, written down once more."""
    run = recording.read(args.file)
    settings = cover.Settings(modes=args.modes, block=args.block, seed=args.seed)
    chosen, explained, correlation, factor = cover.stream(run.positions, settings)
    return {
        'references': [run.label(row) for row in chosen],
        'explained': explained,
        'meanAbsCorrelation': correlation,
        'chance': cover.chance(factor, settings, np.random.default_rng(args.seed)),
    }


def batch(args):
    """What a batch as published explains of the positions that are looked at, for each seed of its sample."""
    run = recording.read(args.file)
    positions = run.positions[:, run.looked(args.steps, args.epochs)]
    sizes = np.diff(run.first_rows())
    found = [
        modes.batch(positions, sizes, args.modes, args.samples, np.random.default_rng(seed))[1]
        for seed in range(args.seeds)
    ]
    return {
        'positions': positions.shape[1],
        **{
            name: [getattr(fit, name) for fit in found]
            for name in ('explained', 'meanAbsCorrelation')
        },
    }


def null(args):
    """What svd finds in a matched Gaussian walk, for each seed."""
    run = recording.read(args.file)
    deltas = run.deltas
    found = {'captured': []}
    for seed in range(args.seeds):
        random = np.random.default_rng(seed)
        steps = walk(deltas, args.block, random)
        energy = np.sum(steps * steps)
        kept = spectrum.streaming(steps, args.columns, args.block)
        found['captured'].append(spectrum.captured(kept, energy, args.rank))
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
    command(cmd, ('--references', {'nargs': '+'}), ('--to', number))
    command(stream, ('--modes', number), ('--block', number), ('--seed', number))
    looks = [(f'--{name}', {**number, 'required': False}) for name in ('steps', 'epochs')]
    command(batch, ('--modes', number), ('--samples', number), ('--seeds', number), *looks)
    names = ['rank', 'columns', 'block', 'seeds']
    command(null, *((f'--{name}', number) for name in names))
    command(project, ('--rank', number), ('--out', {}))
    return parser.parse_args()


if __name__ == '__main__':
    args = arguments()
    print(json.dumps(args.run(args), default=np.ndarray.tolist))
