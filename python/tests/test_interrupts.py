"""Ctrl-C at any moment."""

from __future__ import annotations

import io
import itertools
import os
import signal
import sys
import threading
import time

import numpy as np
import pytest

from support import analysed, assert_follows, only_run, script, weights
from thalweg import Stream


@pytest.mark.parametrize('fold', [None, 1024])
@pytest.mark.parametrize('slow', [False, True])
def test_ctrl_c_at_any_moment_leaves_a_stream_that_can_be_read(fold, slow, tmp_path):
    size, random = 30_000, np.random.default_rng(0)
    read, write = os.pipe()
    got = bytearray()

    def drain():
        with open(read, 'rb', buffering=0) as pipe:
            while part := pipe.read(60_000):
                got.extend(part)
                time.sleep(0.0005 if slow else 0)

    reader = threading.Thread(target=drain)
    reader.start()

    def interrupt(*_):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    w, interrupts = weights(size), 0
    with open(write, 'wb', buffering=0) as out:
        stream = Stream(w, out=out, fold=fold, anchor=5, pace='every')
        for step in range(1, 121):
            w[0][1][:] += 1
            try:
                signal.setitimer(signal.ITIMER_REAL, float(random.uniform(1e-5, 4e-3 if slow else 1e-3)))
                stream.record(step)
                signal.setitimer(signal.ITIMER_REAL, 0)
            except KeyboardInterrupt:
                interrupts += 1
        w[0][1][:] += 1
        stream.record(121)
        w[0][1][:] += 1
        stream.record(122)
        stream.close()
    signal.signal(signal.SIGALRM, before)
    reader.join()
    assert interrupts > 10
    run = only_run(bytes(got))
    assert run.end == 'closed'
    if fold is None:
        assert run.weights()['w'].tolist() == [122.0] * size
    result = analysed(bytes(got), {'stages': [{'type': 'svd', 'rank': 1, 'columns': 4}]})
    assert result.code == 0, result.err


@pytest.mark.parametrize(('event', 'moves'), [('unfreeze', 3), ('unfreeze', 4), ('nan', 0)])
def test_an_interrupt_at_any_line_of_a_step_leaves_no_wrong_weight(event, moves, torch):
    """At each line of _run.py: in the step in which a tensor begins to move, in the one before, in one not finite."""

    def interrupt_at(wanted):
        lines = itertools.count(1)

        def trace(frame, kind, _):
            if not frame.f_code.co_filename.endswith('_run.py'):
                return None
            if kind == 'line' and next(lines) == wanted:
                raise KeyboardInterrupt
            return trace

        return trace

    def train(line):
        """The stream, the weights at its end, and whether the interrupt came."""
        model, out = torch.nn.Linear(3, 2), io.BytesIO()
        model.weight.requires_grad_(moves == 0)
        stream, interrupted = Stream(model, out=out), False
        for step in range(1, 6):
            model.weight.requires_grad_(step >= moves)
            for weight in model.parameters():
                weight.data += step * weight.requires_grad
            kept = model.bias.data.clone()
            if step == 3:
                model.bias.data[0] += float('nan') if event == 'nan' else 0
                before = sys.gettrace()
                sys.settrace(interrupt_at(line))
            try:
                stream.record(step)
            except KeyboardInterrupt:
                interrupted = True
            finally:
                if step == 3:
                    sys.settrace(before)
            model.bias.data = kept
        stream.close()
        return only_run(out.getvalue()), model, interrupted

    for line in itertools.count(1):
        run, model, interrupted = train(line)
        assert_follows(run, model)
        assert None not in run.deltas[-1]['data'], 'what moves is sent in the step after'
        if not interrupted:
            break
    assert line > 20


INTERRUPTED = """
import os, random, signal, time
import numpy as np
from thalweg import Stream

def interrupt(*_):
    raise KeyboardInterrupt

signal.signal(signal.SIGALRM, interrupt)
stream = Stream([('w', np.zeros(100))], out=open(os.devnull, 'wb', buffering=0), pace='every')
end, step, interrupts = time.monotonic() + 3, 0, 0
while time.monotonic() < end:
    step += 1
    try:
        signal.setitimer(signal.ITIMER_REAL, random.uniform(1e-6, random.choice([5e-5, 5e-4])))
        stream.record(step)
        signal.setitimer(signal.ITIMER_REAL, 0)
    except KeyboardInterrupt:
        interrupts += 1
print(interrupts)
"""


def test_no_interrupt_among_thousands_makes_the_next_step_wait_for_ever():
    assert int(script(INTERRUPTED, timeout=60).stdout) > 1000
