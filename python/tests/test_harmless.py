"""Nothing that the observer does reaches training."""

from __future__ import annotations

import argparse
import fcntl
import io
import itertools
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from support import analysed, assert_follows, frames_of, only_run, script
from thalweg import Stream


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


class Failing(io.RawIOBase):
    """Takes so many bytes, then fails."""

    def __init__(self, most, error):
        self.left, self.error, self.calls = most, error, 0

    def writable(self):
        return True

    def write(self, data):
        self.calls += 1
        if self.left < len(data):
            raise self.error
        self.left -= len(data)
        return len(data)


@pytest.mark.parametrize(
    ('error', 'words'),
    [
        (
            OSError(28, 'No space left on device'),
            'cannot be written after step 3: No space left on device. Training goes on',
        ),
        (BrokenPipeError(32, 'Broken pipe'), 'the reader has gone after step 3. Training goes on'),
        (RuntimeError('some bug'), 'the stream ends after step 3: RuntimeError: some bug. Training goes on'),
    ],
)
def test_a_failing_file_is_said_once_and_written_to_no_more(error, words, capsys):
    most = len(recorded(steps=3)) - 12
    out = Failing(most, error)
    stream = Stream(weights(), out=out)
    for step in range(1, 10):
        stream.record(step)
    calls = out.calls
    stream.record(10)
    stream.close()
    assert out.calls == calls
    said = capsys.readouterr().err
    assert said.count('thalweg:') == 1
    assert words in said


def test_strict_raises_it():
    stream = Stream(weights(), out=Failing(400, OSError(28, 'No space left on device')), strict=True)
    with pytest.raises(OSError, match='No space'):
        for step in range(1, 20):
            stream.record(step)


@pytest.mark.parametrize('buffering', [0, -1])
def test_a_disk_that_is_full_from_the_start(buffering, capsys):
    stream = Stream(weights(), out=open('/dev/full', 'wb', buffering=buffering))  # noqa: SIM115
    stream.record(1)
    stream.close()
    assert capsys.readouterr().err.count('No space left on device') == 1


def test_metrics_and_facts_are_converted_or_left_out_with_one_warning_each(torch, capsys):
    class Odd:
        def __float__(self):
            raise RuntimeError('no')

    out = io.BytesIO()
    args = argparse.Namespace(
        lr=0.1, path=pathlib.Path('a/b'), none=None, big=2**70, odd=Odd(), device=torch.device('cpu')
    )
    stream = Stream(weights(), out=out, meta=args)
    for step in (1, 2):
        stream.record(
            np.int64(step),
            epoch=np.int64(1),
            a=np.float32(0.5),
            b=torch.tensor(0.5, requires_grad=True),
            c=np.array([[0.5]]),
            d=True,
            none=None,
            many=torch.ones(3),
            text='0.5',
            odd=Odd(),
            complex=1j,
            nan=float('nan'),
        )
    stream.close()
    run = only_run(out.getvalue())
    metrics = run.deltas[1]['metrics']
    assert {name: metrics[name] for name in 'abcd'} == {'a': 0.5, 'b': 0.5, 'c': 0.5, 'd': 1.0}
    assert set(metrics) == {*'abcd', 'nan'}
    assert run.deltas[1]['epoch'] == 1.0
    assert run.open['meta'] == {'lr': 0.1, 'path': 'a/b', 'none': None, 'big': float(2**70)}
    said = capsys.readouterr().err.splitlines()
    left_out = sorted(line.split('"')[1] for line in said)
    assert left_out == ['complex', 'device', 'many', 'none', 'odd', 'odd', 'text']
    assert 'thalweg: metric "many" has 3 elements, expected one number; it is left out.' in said


def test_facts_of_every_shape_are_json(torch):
    out = io.BytesIO()
    meta = {
        'betas': (0.9, 0.99),
        'array': np.arange(3),
        'tensor': torch.ones(2),
        1: {'x': {np.float64(2)}},
        's': 'a\ud800',
    }
    Stream(weights(), out=out, meta=meta).close()
    assert only_run(out.getvalue()).open['meta'] == {
        'betas': [0.9, 0.99],
        'array': [0, 1, 2],
        'tensor': [1.0, 1.0],
        '1': {'x': [2.0]},
        's': 'a?',
    }


def test_a_map_that_holds_itself_is_left_out(capsys):
    around = {}
    around['again'] = around
    out = io.BytesIO()
    Stream(weights(), out=out, meta={'around': around}).close()
    assert only_run(out.getvalue()).open['meta'] == {}
    assert 'nested' in capsys.readouterr().err


def test_a_nan_costs_its_step_and_the_one_that_leads_back():
    w = weights()

    def before(step, array):
        if step == 4:
            array[3] = np.nan
        if step == 5:
            array[3] = 5

    stream = recorded(before, w=w)
    result = analysed(stream, {'block': 2, 'nonFinite': 'drop', 'stages': [{'type': 'svd', 'rank': 1, 'columns': 2}]})
    health = result.last('health')
    assert (result.code, health['nonFinite']) == (0, 2), result.err
    assert health['weightNorm'] == pytest.approx(np.linalg.norm(w[0][1]))


def test_a_delta_beyond_its_type_is_made_up_for_at_once(recwarn):
    w = weights()
    stream = recorded(lambda step, array: array.__iadd__(1e5 if step == 3 else 0), w=w, dtype='f16')
    assert only_run(stream).weights()['w'].tolist() == w[0][1].tolist()
    assert not recwarn.list


def test_users_who_let_numpy_raise_are_not_raised_at(capsys):
    with np.errstate(all='raise'):
        recorded(lambda step, array: array.__setitem__(0, 1e38 * (-1) ** step), dtype='f16')
    assert capsys.readouterr().err == ''


def test_weights_that_stay_infinite_are_sent_as_they_are_without_end(capsys):
    stream = recorded(lambda step, array: array.__setitem__(0, np.inf))
    assert len(only_run(stream).steps) == 8
    assert capsys.readouterr().err == ''


@pytest.mark.parametrize(
    ('steps', 'sent', 'words'),
    [
        ([1, 2, 2, 3], [1, 2, 3], 'step 2 came twice'),
        ([1, 2, 'x', 4], [1, 2, 3, 4], "step 'x' is no count, so it is taken as 3"),
        ([1, -5, 3], [1, 2, 3], 'step -5 is no count'),
        ([1, 2, 2**60], [1, 2, 3], 'is no count'),
        ([5, 6, 1, 2], [5, 6, 2], 'step 1 comes after step 6: windows of the analysis close there'),
    ],
)
def test_steps_that_are_no_count_are_mended_and_named(steps, sent, words, capsys):
    out, w = io.BytesIO(), weights()
    stream = Stream(w, out=out)
    for step in steps:
        w[0][1][:] += 1
        stream.record(step)
    stream.close()
    run = only_run(out.getvalue())
    assert run.steps == sent
    assert run.weights()['w'].tolist() == w[0][1].tolist()
    assert words in capsys.readouterr().err
    assert analysed(out.getvalue(), {'stages': [{'type': 'svd', 'rank': 1, 'columns': 2}]}).code == 0


def test_a_pipe_that_does_not_block_and_a_reader_that_is_slow():
    read, write = os.pipe()
    fcntl.fcntl(write, fcntl.F_SETFL, os.O_NONBLOCK)
    got = bytearray()

    def drain():
        with open(read, 'rb', buffering=0) as pipe:
            while part := pipe.read(1000):
                got.extend(part)
                time.sleep(1e-5)

    reader = threading.Thread(target=drain)
    reader.start()
    w = weights(20_000)
    with open(write, 'wb', buffering=0) as out:
        stream = Stream(w, out=out, pace='every')
        for step in range(1, 20):
            w[0][1][:] += 1
            stream.record(step)
        stream.close()
    reader.join()
    assert only_run(bytes(got)).weights()['w'].tolist() == [19.0] * 20_000


def test_a_writer_that_takes_a_little_at_a_time_or_says_nothing():
    class Slow(io.RawIOBase):
        def __init__(self):
            self.got = bytearray()

        def write(self, data):
            part = bytes(data[:7])
            self.got += part
            return len(part)

    class Silent:
        def __init__(self):
            self.got = bytearray()

        def write(self, data):
            self.got += data

    for out in (Slow(), Silent()):
        stream = Stream(weights(), out=out)
        stream.record(1)
        stream.close()
        assert only_run(bytes(out.got)).end == 'closed'


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


def test_a_forked_process_writes_nothing_and_closes_nothing():
    w, out = weights(), io.FileIO(os.memfd_create('run'), 'r+')
    stream = Stream(w, out=out)
    child = os.fork()
    if child == 0:
        stream.record(1)
        stream.close()
        os._exit(0)
    os.waitpid(child, 0)
    stream.record(1)
    stream.close()
    out.seek(0)
    assert only_run(out.read()).steps == [1]


TRAINING = """
import os, sys
import numpy as np
from thalweg import Stream
{before}
w = np.zeros(50_000)
stream = Stream([('w', w)]{options})
for step in range(1, 41):
    w += 1
    stream.record(step, odd='text')
    {during}
stream.close()
print('trained', file=sys.stderr if {after!r} == '' else open({after!r}, 'w'))
"""


def training(before='', during='', options='', after=''):
    return TRAINING.format(before=before, during=during, options=options, after=after)


def test_stderr_may_be_closed(tmp_path):
    done = tmp_path / 'done'
    run = script(training(before='os.close(2); sys.stderr = None', after=str(done), options=', out="/dev/full"'))
    assert (run.returncode, done.read_text()) == (0, 'trained\n')
    run = script(training(before='os.close(2)', after=str(done)))
    assert (run.returncode, only_run(run.stdout).end) == (0, 'closed')


def test_stdout_that_is_closed_or_a_terminal_is_refused_with_what_to_do():
    run = script(training(before='os.close(1)'))
    assert b'stdout is closed. Give out=' in run.stderr
    run = script(training(before='import pty; os.dup2(pty.openpty()[1], 1)'))
    assert b'stdout is a terminal. Pipe it' in run.stderr


def test_what_is_printed_never_reaches_the_stream():
    prints = "print('hello'); sys.stdout.write('x'); os.system('echo from a child')"
    run = script(training(during=prints))
    assert only_run(run.stdout).end == 'closed'
    assert run.stderr.count(b'hello') == run.stderr.count(b'from a child') == 40


def test_a_tee_in_place_of_stdout_still_works():
    tee = """
class Tee:
    def __init__(self, other): self.other = other
    def write(self, text): self.other.write(text)
    def flush(self): self.other.flush()
sys.stdout = Tee(sys.stdout)
"""
    run = script(training(before=tee, during="print('hello')"))
    assert only_run(run.stdout).end == 'closed'
    assert run.stderr.count(b'hello') == 40


def test_one_process_has_one_open_stream_on_stdout_at_a_time():
    second = "try: Stream([('v', w)])\n    except ValueError as error: print(error)"
    run = script(training(during=second))
    assert run.stderr.count(b'stdout carries another open stream') == 40
    assert only_run(run.stdout).end == 'closed'
    run = script(training() + "w = np.zeros(3)\nStream([('w', w)], run='next').close()")
    assert [f['run'] for f in frames_of(run.stdout) if f['kind'] == 'open'] == ['run', 'next']


def test_a_loader_that_outlives_the_training_does_not_keep_the_reader_waiting():
    fork = 'step == 3 and os.fork() == 0 and (os.close(2), os.execvp("sleep", ["sleep", "20"]))'
    started = time.monotonic()
    run = script(training(before='os.dup2(os.open(os.devnull, os.O_WRONLY), 2)', during=fork))
    assert only_run(run.stdout).end == 'closed'
    assert time.monotonic() - started < 15


@pytest.mark.skipif(not hasattr(os, 'mkfifo'), reason='no named pipes')
def test_nor_the_reader_of_a_named_pipe(tmp_path):
    fifo = tmp_path / 'fifo'
    os.mkfifo(fifo)
    reader = subprocess.Popen(['cat', str(fifo)], stdout=subprocess.PIPE)
    w = np.zeros(3, 'f4')
    stream = Stream([('w', w)], out=fifo)
    loader = os.fork()
    if loader == 0:
        time.sleep(30)
        os._exit(0)
    try:
        stream.close()
        read, _ = reader.communicate(timeout=15)
        assert only_run(read).end == 'closed'
    finally:
        os.kill(loader, signal.SIGKILL)
        os.waitpid(loader, 0)


@pytest.mark.skipif(not hasattr(signal, 'SIGKILL'), reason='no SIGKILL')
def test_a_reader_that_dies_is_said_once_and_training_goes_on():
    from support import environment

    child = subprocess.Popen(
        [sys.executable, '-c', training(during='__import__("time").sleep(0.01)')],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    child.stdout.read(1000)
    child.stdout.close()
    said = child.stderr.read().decode()
    assert child.wait() == 0
    assert said.count('the reader has gone') == 1
    assert said.endswith('trained\n')
