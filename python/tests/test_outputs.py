"""What is written to may fail, be slow or be gone: training goes on."""

from __future__ import annotations

import fcntl
import io
import os
import threading
import time

import pytest

from support import only_run, recorded, weights
from thalweg import Stream


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
            'cannot be written after step 3: No space left on device. Training continues',
        ),
        (BrokenPipeError(32, 'Broken pipe'), 'the reader has gone after step 3. Training continues'),
        (RuntimeError('some bug'), 'the stream ends after step 3: RuntimeError: some bug. Training continues'),
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
