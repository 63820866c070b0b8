"""Scripts that fork, print, close their outputs or lose their reader."""

from __future__ import annotations

import io
import os
import shlex
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from support import environment, frames_of, only_run, script, weights
from thalweg import Stream


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


FORK = """
import os
import numpy as np
from thalweg import Stream
Stream([('w', np.zeros(4))]).close()
if os.fork() == 0:
    try:
        Stream([('w', np.zeros(4))], run='child').close()
    except ValueError as error:
        os.write(2, str(error).encode())
    os._exit(0)
os.wait()
"""


def test_a_forked_process_has_no_stdout_for_a_stream():
    run = script(FORK)
    assert only_run(run.stdout).end == 'closed'
    assert run.stderr == b'stdout belongs to the parent of this forked process. Give out=.'


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


@pytest.mark.parametrize('closed', ['>&-', '2>&-'])
def test_a_file_of_the_script_that_has_the_number_of_a_closed_output_is_left_alone(closed, tmp_path):
    own = tmp_path / 'own'
    before = f'own = open({str(own)!r}, "wb", buffering=0)'
    source = training(before=before, during='print("hello", flush=True) if step == 1 else own.write(b"x")')
    command = f'exec {sys.executable} -c {shlex.quote(source)} {closed}'
    run = subprocess.run(['sh', '-c', command], capture_output=True, timeout=60, env=environment())
    assert own.read_bytes() == (b'' if closed == '>&-' else b'x' * 39)
    if closed == '>&-':
        assert b'stdout is closed. Give out=' in run.stderr


LATE = """
import atexit
import numpy as np
from thalweg import Stream
class Trainer:
    def __init__(self):
        self.w = np.zeros(4)
        self.stream = Stream([('w', self.w)])
        self.w += 1
        self.stream.record(1)
    {closes}
atexit.register(lambda: trainer.stream.log(1, last=1))
trainer = Trainer()
trainer.itself = trainer
"""


@pytest.mark.parametrize('closes', ['', 'def __del__(self): self.stream.close()'])
def test_a_stream_is_used_until_python_itself_is_gone(closes):
    run = only_run(script(LATE.format(closes=closes), timeout=30).stdout)
    assert (run.steps, len(run.metrics), run.end) == ([1], 1, 'closed' if closes else 'truncated')


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


@pytest.mark.skipif(not hasattr(signal, 'SIGPIPE'), reason='no SIGPIPE')
@pytest.mark.parametrize('before', ['', 'import signal; signal.signal(signal.SIGPIPE, signal.SIG_DFL)'])
def test_a_reader_that_dies_is_said_once_and_training_goes_on(before):
    child = subprocess.Popen(
        [sys.executable, '-c', training(before=before, during='__import__("time").sleep(0.01)')],
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
