"""`thalweg run` beside the script."""

from __future__ import annotations

import os
import shlex
import signal
import stat
import time

import numpy as np
import pytest

import thalweg
from support import THALWEG


@pytest.fixture(autouse=True)
def _command(monkeypatch):
    monkeypatch.setenv('THALWEG', shlex.join(THALWEG))


def train(watch, w, steps=40):
    random = np.random.default_rng(0)
    for step in range(1, steps + 1):
        w += random.standard_normal(w.shape).astype('f4') * 1e-3
        watch.record(step, loss=1 / step)
    watch.close()


def test_summaries_come_to_a_function():
    w, seen = np.zeros(500, 'f4'), []
    train(thalweg.watch([('w', w)], on_summary=seen.append, pace='every', settings={'stages.svd.rank': np.int64(4)}), w)
    assert [summary['stage'] for summary in seen][-1] == 'run'
    assert seen[-1]['values']['end'] == 'closed'
    last = [summary for summary in seen if summary['stage'] == 'svd'][-1]
    assert len(last['values']['singularValues']) == 4
    figures = thalweg.scalars(last)
    assert 0 < figures['svd/captured'] < 1
    assert all(isinstance(value, float) for value in figures.values())


def test_summaries_wait_for_an_iterator():
    w = np.zeros(500, 'f4')
    watch = thalweg.watch([('w', w)], pipeline='layers', pace='every')
    train(watch, w)
    come = list(watch.summaries())
    assert come[-1]['stage'] == 'run'
    assert list(watch.summaries()) == []
    names = {name for summary in come for name in thalweg.scalars(summary)}
    assert 'tensor:w/svd/captured' in names


def test_a_function_that_fails_is_named_once_and_training_goes_on(capsys):
    w = np.zeros(500, 'f4')

    def fails(summary):
        raise KeyError('wandb')

    train(thalweg.watch([('w', w)], on_summary=fails, pace='every'), w)
    assert capsys.readouterr().err.count('the function that takes summaries failed: KeyError') == 1
    with pytest.raises(KeyError):
        train(thalweg.watch([('w', w)], on_summary=fails, pace='every', strict=True), w)


def test_what_the_reader_says_is_said_here(capfd):
    w = np.zeros(500, 'f4')
    train(thalweg.watch([('w', w)], pipeline='no-such-pipeline'), w)
    said = capfd.readouterr().err
    assert 'no-such-pipeline' in said
    assert said.count('the reader has gone') <= 1


def test_a_reader_that_does_not_end_is_stopped(tmp_path, monkeypatch, capsys):
    sleeper = tmp_path / 'thalweg'
    sleeper.write_text('#!/bin/sh\ncat > /dev/null\nexec sleep 60\n')
    sleeper.chmod(sleeper.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv('THALWEG', str(sleeper))
    w = np.zeros(500, 'f4')
    train(thalweg.watch([('w', w)], patience=0.5), w, steps=3)
    assert 'did not end within 0.5 s after the stream, so it is stopped' in capsys.readouterr().err


@pytest.mark.parametrize('missing', ['nowhere on the PATH', 'a command that is not there'])
def test_where_it_is_not_installed_it_says_how_to(missing, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv('THALWEG', '' if missing.startswith('nowhere') else str(tmp_path / 'absent'))
    monkeypatch.setenv('PATH', str(tmp_path))
    w = np.zeros(500, 'f4')
    train(thalweg.watch([('w', w)]), w, steps=3)
    assert capsys.readouterr().err.count('npm install --global thalweg') == 1
    with pytest.raises(FileNotFoundError, match='npm install'):
        thalweg.watch([('w', w)], strict=True)


@pytest.mark.skipif(not hasattr(os, 'fork'), reason='no fork')
def test_a_loader_that_outlives_the_training_does_not_keep_close_waiting(capfd):
    w = np.zeros(500, 'f4')
    watch = thalweg.watch([('w', w)], pace='every')
    loader = os.fork()
    if loader == 0:
        time.sleep(30)
        os._exit(0)
    try:
        started = time.monotonic()
        train(watch, w)
        assert time.monotonic() - started < 25
    finally:
        os.kill(loader, signal.SIGKILL)
        os.waitpid(loader, 0)
    assert [summary['step'] for summary in watch.summaries()][-1] == 40
    assert 'did not end within' not in capfd.readouterr().err


def test_an_error_in_training_cuts_the_run_off():
    w, seen = np.zeros(500, 'f4'), []
    with pytest.raises(ZeroDivisionError), thalweg.watch([('w', w)], on_summary=seen.append) as watch:
        watch.record(1)
        raise ZeroDivisionError
    assert seen[-1]['values']['end'] == 'truncated'
