"""A monkey at a real training: random events, with the stream and without; then what the reader made of it.

    $ PYTHONPATH=python/src python python/tests/monkey.py [--seeds 0 170] [--events 200]

Each seed trains twice, the same events at the same steps. Once nobody watches; once a stream goes into a real
`thalweg run`. The weights at the end must be equal to the bit. Each run of the stream is an analysis: it must end with
the true weights, or with one true sentence on stderr. Ends with counts, and with 1 where something was wrong.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import io
import json
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, Callable, NamedTuple, Optional

import numpy as np
import torch
from torch import nn

from support import THALWEG
from thalweg import Stream

PIPELINE = {
    'block': 4,
    'nonFinite': 'drop',
    'select': {'include': ['**']},
    'emit': {'every': 1},
    'stages': [{'type': 'svd', 'rank': 2, 'columns': 4}],
    'sinks': [{'type': 'ndjson', 'path': '-'}],
}
GONE = {'full': 'No space left on device', 'killed': 'the reader has gone'}
"""What ends a stream although training goes on, and the sentence that says so."""


class Net(nn.Module):
    """Residual blocks that come and go, a bias that is resized."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.ModuleDict({str(i): nn.Linear(8, 8) for i in range(4)})
        self.shift = nn.Parameter(torch.randn(5))
        self.made = 4

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for block in self.blocks.values():
            x = x + 0.1 * torch.tanh(block(x))
        return x + self.shift.mean()


class Training:
    """A training whose every choice follows from the seed, whoever watches it."""

    def __init__(self, seed: int) -> None:
        torch.manual_seed(seed)
        self.chance = random.Random(seed)
        self.model = Net()
        self.data = torch.Generator().manual_seed(seed)
        self.kept: Optional[tuple[torch.Tensor, torch.Tensor]] = None

    def step(self) -> float:
        x = torch.randn(16, 8, generator=self.data)
        loss = (self.model(x) - 1).square().mean()
        for weight in self.model.parameters():
            weight.grad = None
        loss.backward()
        with torch.no_grad():
            for weight in self.model.parameters():
                if weight.requires_grad and weight.grad is not None and bool(weight.grad.isfinite().all()):
                    weight -= 0.01 * weight.grad
        return loss.item()

    def restore(self) -> None:
        """Takes back a value that was not finite."""
        if self.kept is not None:
            weight, value = self.kept
            with torch.no_grad():
                weight.copy_(value)
            self.kept = None

    def spoil(self, value: float) -> None:
        weight = self.chance.choice(list(self.model.parameters()))
        self.kept = (weight, weight.detach().clone())
        with torch.no_grad():
            weight.view(-1)[0] = value

    def act(self, event: str) -> None:
        """What an event does to the training; nothing for those that only the stream feels."""
        parameters = list(self.model.parameters())
        if event == 'freeze':
            self.chance.choice(parameters).requires_grad_(False)
        elif event == 'unfreeze':
            for weight in parameters:
                weight.requires_grad_(True)
        elif event == 'add' and len(self.model.blocks) < 8:
            self.model.blocks[str(self.model.made)] = nn.Linear(8, 8)
            self.model.made += 1
        elif event in ('remove', 'add') and len(self.model.blocks) > 2:
            self.model.blocks.pop(self.chance.choice(list(self.model.blocks)))
        elif event == 'remove':
            self.model.blocks[str(self.model.made)] = nn.Linear(8, 8)
            self.model.made += 1
        elif event == 'resize':
            self.model.shift.data = torch.randn(len(self.model.shift) % 7 + 2)
        elif event == 'nan':
            self.spoil(float('nan'))
        elif event == 'inf':
            self.spoil(float('inf'))
        elif event == 'print':
            print('a training prints', end=self.chance.choice(['', '\n']))


EVENTS = {
    'freeze': 10, 'unfreeze': 10, 'add': 14, 'remove': 14, 'resize': 14, 'nan': 8, 'inf': 8, 'metrics': 10,
    'interrupt': 10, 'print': 10, 'slow': 8, 'full': 3, 'killed': 3,
}  # fmt: skip
"""By how often they come."""


class Disk(io.RawIOBase):
    """A file on a disk that becomes full in the middle of a frame."""

    def __init__(self, path: Path) -> None:
        self._file, self.left = path.open('wb', buffering=0), float('inf')

    def write(self, data: Any) -> int:
        if self.left < len(data):
            self._file.write(bytes(data[: int(self.left)]))
            self.left = 0
            raise OSError(28, 'No space left on device')
        self.left -= len(data)
        return int(self._file.write(data) or 0)


class Analysis(NamedTuple):
    """Of one stream: where its files are, how it ended, and the true norms of the weights by step."""

    name: Path
    ended: str
    norms: dict[int, float]
    unsure: set[int]


class Watcher:
    """The stream of a training, into a reader that suffers."""

    def __init__(self, training: Training, folder: Path, chance: random.Random) -> None:
        self.training, self.folder, self.chance = training, folder, chance
        self.analyses: list[Analysis] = []
        self.pipeline = folder / 'pipeline.json'
        self.pipeline.write_text(json.dumps(PIPELINE))
        self.said = io.StringIO()
        self.begin()

    def begin(self) -> None:
        """A new stream: into a pipe, or to a disk that will be full."""
        self.norms: dict[int, float] = {}
        self.unsure: set[int] = set()
        name = self.folder / f'{len(self.analyses)}'
        self.to_disk = self.chance.random() < 0.5
        self.reader: Optional[subprocess.Popen[bytes]] = None
        if self.to_disk:
            self.out: Any = Disk(name.with_suffix('.thalweg'))
        else:
            with name.with_suffix('.ndjson').open('wb') as lines, name.with_suffix('.err').open('wb') as err:
                command = [*THALWEG, 'run', str(self.pipeline), '--quiet']
                self.reader = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=lines, stderr=err, bufsize=0)
            self.out = self.reader.stdin
        self.ended = 'closed'
        with contextlib.redirect_stderr(self.said):
            self.stream = Stream(self.training.model, out=self.out, reopen=True, pace='every', anchor=20, start=0)
        self.step = 0

    def end(self) -> None:
        with contextlib.redirect_stderr(self.said):
            self.stream.close()
        if self.reader is not None:
            with contextlib.suppress(OSError):
                self.out.close()
            if self.ended != 'killed':
                self.reader.wait(60)
        self.analyses.append(Analysis(self.folder / f'{len(self.analyses)}', self.ended, self.norms, self.unsure))

    def norm(self) -> float:
        weights = [weight.detach().double().flatten() for weight in self.training.model.parameters()]
        return float(torch.cat(weights).norm())

    def act(self, event: str) -> bool:
        """What an event does to the reader or the disk. Whether there was one that it could strike."""
        if event == 'full' and self.to_disk:
            self.ended, self.out.left = 'full', self.chance.randrange(3000)
        elif event == 'killed' and self.reader is not None:
            self.ended = 'killed'
            self.reader.kill()
            self.reader.wait()
        elif event == 'slow' and self.reader is not None and self.ended == 'closed':
            self.reader.send_signal(signal.SIGSTOP)
            timer = threading.Timer(self.chance.uniform(0, 0.05), self.reader.send_signal, [signal.SIGCONT])
            timer.start()
        else:
            return event not in ('full', 'killed', 'slow')
        return True

    def record(self, loss: float, event: str) -> None:
        """Records a step, perhaps with metrics that are none, perhaps interrupted."""
        self.step += 1
        metrics: dict[str, Any] = {'loss': loss}
        if event == 'metrics':
            odd = [None, 'text', torch.ones(3), 1j, np.ones(2), object(), float('nan'), 10**400]
            metrics['odd'] = self.chance.choice(odd)
        with contextlib.redirect_stderr(self.said):
            try:
                if event == 'interrupt':
                    signal.setitimer(signal.ITIMER_REAL, self.chance.uniform(1e-6, 1e-3))
                self.stream.record(self.step, **metrics)
                signal.setitimer(signal.ITIMER_REAL, 0)
            except KeyboardInterrupt:
                pass
        was_finite = np.isfinite(self.norms.get(self.step - 1, 0.0))
        self.norms[self.step] = self.norm()
        if event == 'unfreeze' or not was_finite:
            # What was frozen from the start and what a lost step held come with the anchor after it.
            self.unsure.add(self.step)
        if self.stream.closed:
            self.end()
            self.begin()


def train(seed: int, events: int, watcher: Optional[Callable[[Training], Watcher]]) -> tuple[Training, Any, Any]:
    training = Training(seed)
    plan = random.Random(seed)
    watch = None if watcher is None else watcher(training)
    counts: collections.Counter[str] = collections.Counter()
    for _ in range(events):
        event = plan.choices(list(EVENTS), list(EVENTS.values()))[0]
        training.restore()
        training.act(event)
        counts[event] += watch is None or watch.act(event)
        for i in range(plan.randrange(1, 4)):
            if i > 0:
                training.restore()
            loss = training.step()
            if watch is not None:
                watch.record(loss, event if i == 0 else '')
    if watch is not None:
        watch.end()
    return training, watch, counts


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--seeds', type=int, nargs=2, default=[0, 170], metavar=('FROM', 'TO'))
    parser.add_argument('--events', type=int, default=200)
    args = parser.parse_args()
    torch.set_num_threads(1)

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGALRM, interrupt)
    total: collections.Counter[str] = collections.Counter()
    tally: collections.Counter[str] = collections.Counter()
    began = time.monotonic()
    for seed in range(*args.seeds):
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
            alone, _, _ = train(seed, args.events, None)
            watched, watch, counts = train(
                seed,
                args.events,
                lambda training: Watcher(training, Path(folder), random.Random(~seed)),  # noqa: B023
            )
            verdicts = judged(watch)
        total += counts
        tally['trainings'] += 1
        if bits(alone.model) != bits(watched.model):
            tally['trainings that ended otherwise'] += 1
            print(f'seed {seed}: the weights are others', file=sys.stderr)
        for verdict, detail in verdicts:
            tally[verdict] += 1
            if verdict == 'wrong':
                print(f'seed {seed}: {detail}', file=sys.stderr)
    analyses = tally['right'] + tally['a sentence'] + tally['wrong']
    share = tally['a sentence'] / analyses
    print(f'{time.monotonic() - began:.0f} s; events: {dict(total)}')
    print(f'{tally["trainings"]} trainings, {tally["trainings that ended otherwise"]} ended with other weights')
    print(f'{analyses} analyses: {tally["right"]} right, {tally["a sentence"]} ended with a sentence ({share:.1%}), '
          f'{tally["wrong"]} wrong')  # fmt: skip
    return 0 if tally['wrong'] == tally['trainings that ended otherwise'] == 0 and share <= 0.1 else 1


def bits(model: nn.Module) -> list[bytes]:
    return [weight.detach().numpy().tobytes() for weight in model.parameters()]


def is_norm_near(norm: float, true: dict[int, float], step: int) -> bool:
    """Whether weights had this norm at a step or just after: where the next steps were dropped, an anchor follows."""
    if not np.isfinite(true.get(step, np.nan)):
        return True
    return any(abs(norm - true.get(later, np.inf)) < 1e-6 * norm for later in range(step, step + 10))


def judged(watch: Watcher) -> list[tuple[str, str]]:
    """What became of each run on the wire."""
    verdicts: list[tuple[str, str]] = []
    said = watch.said.getvalue()
    for word in GONE.values():
        expected = sum(GONE.get(analysis.ended) == word for analysis in watch.analyses)
        if said.count(word) > expected:
            verdicts.append(('wrong', f'"{word}" was said {said.count(word)} times, and came {expected} times'))
    for name, ended, true, unsure in watch.analyses:
        path = name.with_suffix('.thalweg')
        if path.exists():
            with name.with_suffix('.ndjson').open('wb') as lines, name.with_suffix('.err').open('wb') as err:
                command = [*THALWEG, 'run', str(watch.pipeline), '--quiet', '--input', str(path)]
                subprocess.run(command, stdout=lines, stderr=err, timeout=120)
        words = name.with_suffix('.err').read_text().strip()
        runs: dict[str, list[Any]] = {}
        for line in name.with_suffix('.ndjson').read_text().splitlines():
            with contextlib.suppress(ValueError):  # of a reader that was killed, the last line may be cut
                summary = json.loads(line)
                runs.setdefault(summary['run'], []).append(summary)
        for run, summaries in runs.items():
            last = summaries[-1]
            whole = last['stage'] == 'run' and last['values']['end'] == 'closed'
            recorded = not whole or last['values']['recorded'] > 0  # else it speaks of the anchor, at step 0
            health = [s for s in summaries if s['stage'] == 'health' and recorded]
            wrong = [
                f'{name.name} {run}: at step {step} the weights have norm {norm}, truly {true.get(step)}'
                for step, norm in ((s['step'], s['values']['weightNorm']) for s in health)
                if norm is not None and step not in unsure and not is_norm_near(norm, true, step)
            ]
            if wrong or (words and ended != 'killed'):
                verdicts.append(('wrong', (wrong or [words])[0]))
            elif whole:
                verdicts.append(('right', ''))
            elif ended in GONE:
                verdicts.append(('a sentence', '') if GONE[ended] in said else ('wrong', f'{ended} was not said'))
            else:
                verdicts.append(('wrong', f'{name.name} {run} ended {last["values"].get("end")}, {words}'))
    return verdicts


if __name__ == '__main__':
    sys.exit(main())
