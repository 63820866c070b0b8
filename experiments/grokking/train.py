"""Trains a one-layer transformer on (x + y) mod p: `python3 train.py grokking --seed 3 --out run.thalweg`.

The output matrix of the MLP goes to `--out` in f64 for the first steps, of members 0.1 % apart; the first member then
goes on until it is right on 99 % of the pairs held out. Prints JSON: steps, and the accuracies on both parts of the
pairs. Full batches, AdamW, and the first values of Nanda et al. (2023).
"""

import argparse
import json
import math
from pathlib import Path
from sys import path

import torch
from torch import nn

path.insert(0, str(Path(__file__).parents[2] / 'python/src'))
from thalweg import Stream  # noqa: E402

HEADS = 4


class Transformer(nn.Module):
    """Attention and an MLP without normalisation or biases on the tokens x, y and "="; gives scores for the sum."""

    def __init__(self, p: int, width: int, random: torch.Generator) -> None:
        super().__init__()

        def normal(*shape: int, of: int) -> nn.Parameter:
            drawn = torch.randn(*shape, generator=random, dtype=torch.float64)
            return nn.Parameter(drawn / math.sqrt(of))

        self.embed = normal(p + 1, width, of=width)
        self.position = normal(3, width, of=width)
        self.query, self.key, self.value, self.mix = (normal(width, width, of=width) for _ in range(4))
        self.mlp_in = normal(width, 4 * width, of=width)
        self.mlp_out = normal(4 * width, width, of=width)
        self.unembed = normal(width, p, of=p + 1)

    def forward(self, pairs: torch.Tensor) -> torch.Tensor:
        # Scores are read at "=" alone, so that nothing attends from x and y.
        asking = self.embed[-1] + self.position[2]
        tokens = torch.cat([self.embed[pairs] + self.position[:2], asking.expand(len(pairs), 1, -1)], 1)
        key, value = ((tokens @ kernel).unflatten(-1, (HEADS, -1)) for kernel in (self.key, self.value))
        query = (asking @ self.query).unflatten(-1, (HEADS, -1))
        attention = ((key * query).sum(-1) / math.sqrt(query.shape[-1])).softmax(1)
        last = asking + (attention[..., None] * value).sum(1).flatten(1) @ self.mix
        return (last + torch.relu(last @ self.mlp_in) @ self.mlp_out) @ self.unembed


class Training:
    """A member: its model, its optimizer and, where it is constrained, the norm of all weights that it keeps."""

    def __init__(self, model: Transformer, options: argparse.Namespace) -> None:
        self.model, self.norm = model, None
        if options.kind == 'constrained':
            self.scale(0.8)
            self.norm = self.measure()
        decay = options.decay if options.kind == 'grokking' else 0
        self.optimizer = torch.optim.AdamW(model.parameters(), lr=options.rate, betas=(0.9, 0.98), weight_decay=decay)

    def measure(self) -> float:
        return math.sqrt(sum((weight.detach() ** 2).sum().item() for weight in self.model.parameters()))

    def scale(self, by: float) -> None:
        with torch.no_grad():
            for weight in self.model.parameters():
                weight *= by

    def step(self, pairs: torch.Tensor, sums: torch.Tensor) -> float:
        loss = nn.functional.cross_entropy(self.model(pairs), sums)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        if self.norm is not None:
            self.scale(self.norm / self.measure())
        return loss.item()

    def accuracy(self, pairs: torch.Tensor, sums: torch.Tensor) -> float:
        with torch.no_grad():
            return (self.model(pairs).argmax(1) == sums).double().mean().item()


def member_of(options: argparse.Namespace, member: int) -> Training:
    """The first is as drawn; each weight of the others is scaled by 1 + U(-0.001, 0.001)."""
    random = torch.Generator().manual_seed(options.seed)
    model = Transformer(options.p, options.width, random)
    random.manual_seed(1000 * (options.seed + 1) + member)
    if member > 0:
        with torch.no_grad():
            for weight in model.parameters():
                weight *= 1 + 0.001 * (2 * torch.rand(weight.shape, generator=random, dtype=weight.dtype) - 1)
    return Training(model, options)


def pairs_of(options: argparse.Namespace) -> tuple:
    """Pairs and sums that are trained on, and those held out."""
    p = options.p
    order = torch.randperm(p * p, generator=torch.Generator().manual_seed(options.seed))
    pairs, trained = torch.stack([order // p, order % p], 1), round(options.share * p * p)
    sums = pairs.sum(1) % p
    return (pairs[:trained], sums[:trained]), (pairs[trained:], sums[trained:])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument('kind', choices=['grokking', 'constrained', 'memorising'])
    parser.add_argument('--seed', type=int, required=True)
    parser.add_argument('--out', required=True)
    parser.add_argument('--p', type=int, default=43)
    parser.add_argument('--width', type=int, default=48)
    parser.add_argument('--share', type=float, default=0.45, help='of all pairs, that is trained on')
    parser.add_argument('--rate', type=float, default=2e-3)
    parser.add_argument('--decay', type=float, default=2)
    parser.add_argument('--members', type=int, default=3)
    parser.add_argument('--watched', type=int, default=100, help='steps that are recorded')
    parser.add_argument('--steps', type=int, default=1500, help='at most')
    options = parser.parse_args()
    torch.set_num_threads(1)
    trained, held = pairs_of(options)
    members = [member_of(options, member) for member in range(options.members)]
    first = members[0]
    looks = []
    # The same memory, which training changes in place.
    watched = [[('mlp_out', own.model.mlp_out.detach().numpy())] for own in members]
    with Stream(*watched, coupled=True, out=options.out) as stream:
        for step in range(1, options.steps + 1):
            if step <= options.watched:
                losses = [own.step(*trained) for own in members]
                stream.record(step, loss=losses[0])
            else:
                first.step(*trained)
            if step % 25 == 0:
                looks.append([step, first.accuracy(*trained), first.accuracy(*held)])
                if step > options.watched and looks[-1][2] >= 0.99:
                    break
    print(json.dumps(looks))


main()
