"""What the tests share: reading a stream back, running Thalweg on it, and running scripts."""

from __future__ import annotations

import io
import json
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import msgpack
import numpy as np

from thalweg import Stream

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SOURCE = HERE.parent / 'src'
THALWEG = shlex.split(os.environ.get('THALWEG', f'node {ROOT}/dist/node/cli/main.js'))
CODES = {'f32': '<f4', 'f64': '<f8', 'f16': '<f2'}
NDJSON = [{'type': 'ndjson', 'path': '-'}]


def environment(**more: str) -> dict[str, str]:
    path = os.pathsep.join([str(SOURCE), str(HERE), os.environ.get('PYTHONPATH', '')])
    return {**os.environ, 'PYTHONPATH': path, 'OMP_NUM_THREADS': '1', 'THALWEG': shlex.join(THALWEG), **more}


def script(source: str, *args: str, timeout: float = 120, **options: Any) -> subprocess.CompletedProcess[bytes]:
    """Runs a Python program in a process of its own, its stdout a pipe."""
    command = [sys.executable, '-B', '-c', source, *args]
    env = environment(**options.pop('env', {}))
    return subprocess.run(command, capture_output=True, timeout=timeout, env=env, **options)


def frames_of(stream: bytes) -> list[dict[str, Any]]:
    return list(msgpack.Unpacker(io.BytesIO(stream), max_buffer_size=2**31 - 1))


class Run:
    """A run read back. By member and tensor: weights by adding up deltas, and by the last anchor."""

    def __init__(self, opened: dict[str, Any]) -> None:
        self.open = opened
        self.names = [tensor['name'] for tensor in opened['tensors']]
        self.deltas: list[dict[str, Any]] = []
        self.metrics: list[dict[str, Any]] = []
        self.anchors = 0
        self.end: str = 'truncated'
        sizes = [int(np.prod(tensor['shape'], dtype=int)) for tensor in opened['tensors']]
        members = range(opened['members'])
        self.summed = [[np.zeros(size) for size in sizes] for _ in members]
        self.anchored = [[np.zeros(size) for size in sizes] for _ in members]

    def take(self, frame: dict[str, Any]) -> None:
        kind = frame['kind']
        if kind == 'metrics':
            self.metrics.append(frame)
        if kind == 'close':
            self.end = 'closed'
        if kind not in ('anchor', 'delta'):
            return
        member = frame['member']
        for index, payload in enumerate(frame['data'], frame['at']):
            if payload is None:
                continue
            offset, data = (payload['o'], payload['b']) if isinstance(payload, dict) else (0, payload)
            values = decoded(data, frame.get('dtype') or self.open['tensors'][index]['dtype'])
            here = slice(offset, offset + len(values))
            if kind == 'delta':
                self.summed[member][index][here] += values
            else:
                self.anchored[member][index][here] = self.summed[member][index][here] = values
        if not frame.get('more'):
            self.anchors += kind == 'anchor' and member == 0
            if kind == 'delta':
                self.deltas.append(frame)

    def weights(self, member: int = 0) -> dict[str, np.ndarray]:
        return dict(zip(self.names, self.summed[member]))

    @property
    def steps(self) -> list[int]:
        return [frame['step'] for frame in self.deltas if frame['member'] == 0]


def decoded(data: bytes, dtype: str) -> np.ndarray:
    if dtype == 'bf16':
        return (np.frombuffer(data, '<u2').astype('<u4') << 16).view('<f4').astype(float)
    return np.frombuffer(data, CODES[dtype]).astype(float)


def runs_of(stream: bytes) -> list[Run]:
    runs: list[Run] = []
    for frame in frames_of(stream):
        if frame['kind'] == 'open':
            runs.append(Run(frame))
        else:
            runs[-1].take(frame)
    return runs


def only_run(stream: bytes) -> Run:
    (run,) = runs_of(stream)
    return run


def weights_of(model: Any) -> dict[str, np.ndarray]:
    return {name: weight.detach().double().numpy().reshape(-1) for name, weight in model.named_parameters()}


def assert_follows(run: Run, model: Any, within: float = 1e-6, member: int = 0) -> None:
    """The weights that the stream leads to are those of the model."""
    streamed = run.weights(member)
    for name, weight in weights_of(model).items():
        np.testing.assert_allclose(streamed[name], weight, rtol=0, atol=within, err_msg=name)


class Result:
    """What `thalweg run` left: exit code, words on stderr, summaries."""

    def __init__(self, code: int, out: bytes, err: bytes) -> None:
        self.code, self.err = code, err.decode(errors='replace').strip()
        self.summaries = [json.loads(line) for line in out.splitlines()]
        self.alerts = [alert['id'] for summary in self.summaries for alert in summary['alerts']]

    def last(self, stage: str, scope: str = 'model') -> dict[str, Any]:
        return [s['values'] for s in self.summaries if s['stage'] == stage and s['scope'] == scope][-1]


def analysed(stream: bytes, pipeline: Any = 'default', *args: str, timeout: float = 120) -> Result:
    """Runs `thalweg run` on a stream; the pipeline is a name or a map."""
    with tempfile.NamedTemporaryFile('w', suffix='.json') as file:
        if not isinstance(pipeline, str):
            json.dump({'sinks': NDJSON, **pipeline}, file)
            file.flush()
            pipeline = file.name
        command = [*THALWEG, 'run', pipeline, '--quiet', *args]
        done = subprocess.run(command, input=stream, capture_output=True, timeout=timeout)
    return Result(done.returncode, done.stdout, done.stderr)


def weights(size=10):
    return [('w', np.zeros(size, 'f4'))]


def recorded(before=lambda step, w: None, steps=8, w=None, **options):
    w, out = w or weights(), io.BytesIO()
    stream = Stream(w, out=out, **options)
    for step in range(1, steps + 1):
        w[0][1][:] += 1
        before(step, w[0][1])
        stream.record(step)
    stream.close()
    return out.getvalue()
