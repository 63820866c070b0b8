"""What a live pipe costs training: the same training with and without, by turns, in one run.

    $ python python/bench/budget.py [--weights 1e4 1e5 1e6 1e7] [--seconds 4] [--turns 12]

Two equal trainings go by turns, one with a stream into `thalweg run` at the default pipeline, one without. A turn has
whole blocks of the reader, so that each turn has its share of what the reader does. The start, in which the reader
starts and the stride is found, counts apart. Beside the ratio of the times that a step takes stands that of processor
times, user and system of the training's process and of the reader, which other work on the machine moves less, and
the reader's alone.
`THALWEG` names the command line; the reader may take 4 GiB, which it needs for 1e7 weights.
"""

from __future__ import annotations

import argparse
import copy
import math
import os
import shlex
import statistics
import subprocess
import time
from typing import Any, Callable, NamedTuple, Optional

import torch
from torch import nn

from thalweg import Stream
from thalweg._reader import Reader

BATCH = 64

BLOCK = 16

START = 20.0
"""Seconds of the start, at least."""

REST = 1.0
"""Seconds in which the reader ends what it has."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--weights', type=float, nargs='+', default=[1e4, 1e5, 1e6, 1e7])
    parser.add_argument('--seconds', type=float, default=4, help='of a turn, at least (%(default)s)')
    parser.add_argument('--turns', type=int, default=12, help='pairs of them (%(default)s)')
    parser.add_argument('--pace', default='budget')
    parser.add_argument('--pipeline', default='default')
    args = parser.parse_args()
    torch.set_num_threads(1)
    print(f'{"weights":>12}{"step":>12}{"stride":>8}{"the start":>12}{"time":>10}{"processor time":>16}{"reader":>8}')
    for weights in args.weights:
        report(Training(int(weights)), args)


class Training:
    """A network of about so many weights, trained by AdamW on noise."""

    def __init__(self, weights: int) -> None:
        torch.manual_seed(0)
        width = max(8, round(((64 * 64 + 4 * weights) ** 0.5 - 64) / 2))
        self.model = nn.Sequential(
            nn.Linear(32, width), nn.Tanh(), nn.Linear(width, width), nn.Tanh(), nn.Linear(width, 32)
        )
        self.optimizer = torch.optim.AdamW(self.model.parameters(), 1e-4)
        self.inputs = torch.randn(BATCH, 32)
        self.steps = 0

    def step(self) -> float:
        loss = (self.model(self.inputs) - self.inputs).square().mean()
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.steps += 1
        return loss.item()


class Watched:
    """A `thalweg run` and the stream into it."""

    def __init__(self, training: Training, args: Any) -> None:
        command = shlex.split(os.environ.get('THALWEG', 'node dist/node/cli/main.js'))
        self._reader = subprocess.Popen(
            [*command, 'run', args.pipeline, '--quiet', '--set', f'memory.max={2**32}'],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        )
        pace = int(args.pace) if args.pace.isdigit() else args.pace
        self.stream = Stream(
            training.model, out=self._reader.stdin, pace=pace, block=BLOCK, start=training.steps, strict=True
        )
        self.seconds = Reader(self._reader.stdin).seconds

    @property
    def block(self) -> int:
        """Steps of the training in a block of the reader."""
        return BLOCK * self.stream._pace.stride

    def end(self) -> None:
        self.stream.close()
        assert self._reader.stdin is not None
        self._reader.stdin.close()
        self._reader.wait()


class Spent(NamedTuple):
    """Seconds that so many steps took, and processor seconds of training and reader."""

    seconds: float
    training: float
    reader: float
    steps: int

    def over(self, bare: Spent) -> tuple[float, float, float]:
        """What a step cost more than without, as shares: in time, in processor time, in that of the reader."""
        steps = self.steps / bare.steps
        processor, reader = (spent / bare.training / steps for spent in (self.training + self.reader, self.reader))
        return self.seconds / bare.seconds / steps - 1, processor - 1, reader


def turn(training: Training, going: Callable[[int, float], bool], watched: Optional[Watched] = None) -> Spent:
    """Trains while `going` says so, of the steps and seconds so far."""
    reader = (lambda: 0.0) if watched is None else watched.seconds
    worked, read = time.process_time(), reader()
    began, first = time.perf_counter(), training.steps
    seconds = 0.0
    while going(training.steps - first, seconds):
        loss = training.step()
        if watched is not None:
            watched.stream.record(training.steps, loss=loss)
        seconds = time.perf_counter() - began
    time.sleep(REST)
    return Spent(seconds, time.process_time() - worked, reader() - read, training.steps - first)


def report(training: Training, args: Any) -> None:
    bare = copy.deepcopy(training)
    turn(bare, lambda _, seconds: seconds < 2)
    alone = turn(bare, lambda _, seconds: seconds < args.seconds)
    watched = Watched(training, args)
    spent = turn(training, lambda _, seconds: seconds < START or not watched.stream._pace.settled, watched)
    start = spent.seconds - spent.steps * alone.seconds / alone.steps
    turns = []
    for _ in range(args.turns):
        blocks = math.ceil(args.seconds * alone.steps / alone.seconds / watched.block)
        alone = turn(bare, lambda steps, _, count=blocks * watched.block: steps < count)
        turns.append(turn(training, lambda steps, _, count=alone.steps: steps < count, watched).over(alone))
    stride = watched.stream._pace.stride
    watched.end()
    weights = sum(weight.numel() for weight in training.model.parameters())
    paired, processor, reader = (statistics.median(shares) for shares in zip(*turns))
    step = alone.seconds / alone.steps * 1e3
    line = f'{weights:>12,}{step:>9.3f} ms{stride:>8}{start:>10.1f} s{paired:>10.1%}{processor:>16.1%}{reader:>8.1%}'
    print(line, flush=True)


if __name__ == '__main__':
    main()
