"""The stride, on a clock of the test's own, and the processor time of a real reader."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

from support import frames_of
from thalweg import Stream, _pace
from thalweg._pace import Pace
from thalweg._reader import Reader

BLOCK = 16


@pytest.fixture
def clock(monkeypatch):
    clock = SimpleNamespace(now=100.0, work=5.0, reader=0.0)
    monkeypatch.setattr(_pace.time, 'perf_counter', lambda: clock.now)
    monkeypatch.setattr(_pace.time, 'thread_time', lambda: clock.work)
    return clock


def strides(clock, steps, train=0.01, write=0.0, wait=0.0, read=0.0, boot=0.0, pause=lambda step: 0.0):
    """The stride of each delta, in a training of steps of `train` seconds.

    write  processor seconds that a delta takes the writer; wait: more seconds until the pipe has taken it
    read   processor seconds that it takes the reader; boot: those that it takes to start
    """
    pace = Pace(1, 0.03, BLOCK, lambda: clock.reader)
    sent = []
    for step in range(1, steps + 1):
        clock.now += train + pause(step)
        if pace.due():
            pace.arrive()
            clock.now += write + wait + (boot if len(sent) == 1 else 0)
            clock.work += write
            clock.reader += read + (boot if len(sent) == 1 else 0)
            sent.append(pace.stride)
            pace.leave()
    return sent


def changes(sent):
    return [(i, stride) for i, stride in enumerate(sent) if i == 0 or stride != sent[i - 1]]


def test_what_costs_little_is_sent_at_every_step(clock):
    assert changes(strides(clock, 5000, write=1e-4, read=1e-4)) == [(0, 1)]


@pytest.mark.parametrize(
    ('whose', 'cost', 'stride'),
    [
        *((whose, *each) for whose in ('write', 'wait') for each in [(0.001, 4), (0.002, 8), (0.1, 512), (100, 4096)]),
        *(('read', *each) for each in [(0.0008, 4), (0.001, 8), (0.0017, 8), (0.1, 512), (100, 4096)]),
    ],
)
def test_the_stride_brings_the_cost_within_the_budget_and_is_a_power_of_two(clock, whose, cost, stride):
    sent = strides(clock, 400_000, **{whose: cost})
    assert sent[-1] == stride
    assert stride == 4096 or cost / (stride * 0.01) <= 0.03


def test_waiting_for_the_reader_is_not_counted_twice(clock):
    assert strides(clock, 50_000, wait=0.01, read=0.01)[-1] == 64


def test_it_changes_only_after_whole_blocks(clock):
    for options in ({'read': 0.02}, {'write': 0.002, 'read': 0.01, 'boot': 3}, {'wait': 0.3}):
        sent = strides(clock, 50_000, **options)
        assert all(i % BLOCK == 0 for i, _ in changes(sent))
        assert len(changes(sent)) <= 4


def test_a_reader_that_starts_slowly_and_pauses_of_the_trainer_do_not_count(clock):
    assert strides(clock, 50_000, read=0.0017, boot=5)[-1] == 8
    assert strides(clock, 50_000, read=0.0017, pause=lambda step: 30 * (step % 500 == 0))[-1] == 8


def test_later_it_grows_only_where_it_has_cost_more_than_the_budget_in_all(clock):
    pace = Pace(1, 0.03, BLOCK, lambda: clock.reader)

    def run(steps, read):
        for _ in range(steps):
            clock.now += 0.01
            if pace.due():
                pace.arrive()
                clock.reader += read
                pace.leave()
        return pace.stride

    assert run(20_000, 0.0015) == 8
    assert run(1_000, 0.003) == 8, 'the steps before cost less'
    assert run(20_000, 0.003) == 16
    assert run(20_000, 0.015) == 128
    assert run(20_000, 0.0001) == 128, 'and never shrinks'


def test_a_real_reader_is_found_by_its_pipe_and_its_time_read():
    if not os.path.isdir('/proc/self/fdinfo'):
        pytest.skip('this system does not tell')
    source = 'import sys, time\nwhile sys.stdin.buffer.read(1000): time.process_time()'
    child = subprocess.Popen([sys.executable, '-c', source], stdin=subprocess.PIPE)
    reader = Reader(child.stdin)
    first = reader.seconds()
    until = time.monotonic() + 10
    while reader.seconds() < first + 0.05 and time.monotonic() < until:
        child.stdin.write(bytes(100_000))
    assert reader.seconds() >= first + 0.05
    child.stdin.close()
    child.wait()
    assert reader.seconds() == 0


@pytest.mark.parametrize('out', [None, object(), sys.stdin])
def test_where_no_reader_can_be_told_its_time_is_0(out):
    assert Reader(out).seconds() >= 0


def test_a_live_pipe_is_paced_and_a_file_is_not(tmp_path, torch):
    from models import mlp, train_step

    model = mlp(8, 200, 200, 4)
    optimizer = torch.optim.SGD(model.parameters(), 1e-3)
    slow = (
        'import sys, time\n'
        'data = bytearray()\n'
        'while part := sys.stdin.buffer.read1(2**20):\n'
        '    data += part\n'
        '    until = time.process_time() + len(part) / 2e7\n'
        '    while time.process_time() < until: pass\n'
        f'open({str(tmp_path / "piped")!r}, "wb").write(data)\n'
    )
    child = subprocess.Popen([sys.executable, '-c', slow], stdin=subprocess.PIPE)
    streams = [Stream(model, out=child.stdin), Stream(model, out=tmp_path / 'kept')]
    until, step, last = time.monotonic() + 30, 0, 0
    while time.monotonic() < until and (last == 0 or step < last):
        step += 1
        train_step(model, optimizer, 8)
        for stream in streams:
            stream.record(step)
        if last == 0 and streams[0]._pace.stride >= 8:
            last = step + 2 * streams[0]._pace.stride
    for stream in streams:
        stream.close()
    child.stdin.close()
    child.wait()
    piped, kept = (
        [f for f in frames_of((tmp_path / name).read_bytes()) if f['kind'] == 'delta'] for name in ('piped', 'kept')
    )
    assert len(kept) == step
    spans = [frame['step'] - frame['base'] for frame in piped]
    assert spans == [frame.get('stride', 1) for frame in piped]
    assert spans[0] == 1
    assert spans[-1] >= 8
    assert all(i % BLOCK == 0 for i in range(1, len(spans)) if spans[i] != spans[i - 1])
