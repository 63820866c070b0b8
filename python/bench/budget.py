"""What a live pipe costs training: the same training with and without, by turns, in one run.

    $ python python/bench/budget.py [--weights 1e4 1e5 1e6 1e7] [--seconds 4] [--turns 12]

Two equal trainings go by turns of some seconds, one with a stream into `thalweg run` at the default pipeline, one
without. The start, in which the reader starts and the stride is found, counts apart. Beside the ratio of their times
stands the processor time of writer and reader, which other work on the machine does not move. `THALWEG` names the
command line; the reader may take 4 GiB, which it needs for 1e7 weights.
"""

from __future__ import annotations

import argparse
import copy
import os
import shlex
import statistics
import subprocess
import time
from typing import Any, Optional

import torch
from torch import nn

from thalweg import Stream
from thalweg._reader import Reader

BATCH = 64

START = 20.0
"""Seconds."""

REST = 1.0
"""Seconds in which the reader ends what it has."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--weights', type=float, nargs='+', default=[1e4, 1e5, 1e6, 1e7])
    parser.add_argument('--seconds', type=float, default=4, help='of a turn (%(default)s)')
    parser.add_argument('--turns', type=int, default=12, help='pairs of them (%(default)s)')
    parser.add_argument('--pace', default='budget')
    parser.add_argument('--pipeline', default='default')
    args = parser.parse_args()
    torch.set_num_threads(1)
    print(f'{"weights":>12}{"step":>12}{"stride":>8}{"the start":>12}{"paired":>10}{"processor time":>16}')
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
        self.stream = Stream(training.model, out=self._reader.stdin, pace=pace, start=training.steps, strict=True)
        self._clock, self._wrote = Reader(self._reader.stdin), 0.0

    def record(self, step: int, loss: float) -> None:
        began = time.thread_time()
        self.stream.record(step, loss=loss)
        self._wrote += time.thread_time() - began

    def worked(self) -> float:
        """Processor seconds of the reader, and of the writer within the training."""
        return self._clock.seconds() + self._wrote

    def end(self) -> None:
        self.stream.close()
        assert self._reader.stdin is not None
        self._reader.stdin.close()
        self._reader.wait()


def turn(training: Training, seconds: float, watched: Optional[Watched] = None) -> tuple[float, int]:
    """Seconds that so many steps took."""
    began, first = time.perf_counter(), training.steps
    while time.perf_counter() - began < seconds:
        loss = training.step()
        if watched is not None:
            watched.record(training.steps, loss)
    return time.perf_counter() - began, training.steps - first


def report(training: Training, args: Any) -> None:
    bare = copy.deepcopy(training)
    turn(bare, 2)
    alone, steps = turn(bare, args.seconds)
    watched = Watched(training, args)
    spent, begun = turn(training, START, watched)
    start = spent - begun * alone / steps
    with_it, without, worked = [], [], 0.0
    for _ in range(args.turns):
        time.sleep(REST)
        seconds, steps = turn(bare, args.seconds)
        without.append(seconds / steps)
        worked -= watched.worked()
        seconds, steps = turn(training, args.seconds, watched)
        with_it.append(seconds / steps)
        worked += watched.worked()
    stride = watched.stream._pace.stride
    watched.end()
    weights = sum(weight.numel() for weight in training.model.parameters())
    paired = statistics.median(a / b for a, b in zip(with_it, without)) - 1
    share = worked / (args.turns * args.seconds)
    step = statistics.median(without) * 1e3
    print(f'{weights:>12,}{step:>9.3f} ms{stride:>8}{start:>10.1f} s{paired:>10.1%}{share:>16.1%}', flush=True)


if __name__ == '__main__':
    main()
