"""Models over several processes, with the real torchrun and gloo."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from support import HERE, analysed, environment, frames_of, only_run
from thalweg._fold import fold, signs

pytest.importorskip('torch.distributed.fsdp').fully_shard  # noqa: B018

SEED = 3


def job(folder, layout, ranks=1, action=''):
    """Trains; gives the stream, the weights at its end and what was said."""
    path = folder / f'{layout}-{ranks}-{action}.thalweg'
    torchrun = ['-m', 'torch.distributed.run', '--standalone', '--nproc-per-node', str(ranks)]
    command = [sys.executable, '-B', *(torchrun if layout != 'one' else [])]
    command += [str(HERE / 'sharded_job.py'), layout, str(path), *([action] if action else [])]
    done = subprocess.run(command, capture_output=True, timeout=180, env=environment())
    said = [line for line in done.stderr.decode().splitlines() if 'thalweg: ' in line or 'ValueError' in line]
    assert done.returncode == 0 or action == 'whole', done.stderr.decode()[-3000:]
    stream = path.read_bytes() if path.exists() else b''
    weights = f'{path}.npz'
    return stream, dict(np.load(weights)) if done.returncode == 0 else {}, said


def sketch(weights: dict, pattern: str, rows: int) -> np.ndarray:
    group = [weight for name, weight in weights.items() if name.endswith('weight') == (pattern == '**.weight')]
    values = np.concatenate(group)
    sums = np.zeros(rows)
    fold(sums, values, signs(0, len(values), SEED), 0, SEED)
    return sums


@pytest.fixture(scope='module')
def alone(tmp_path_factory):
    return job(tmp_path_factory.mktemp('alone'), 'one')


@pytest.mark.parametrize(('layout', 'ranks'), [('fsdp', 2), ('fsdp', 4), ('tp', 4), ('hsdp', 4), ('both', 4)])
def test_each_rank_folds_its_shards_to_one_sketch(tmp_path, alone, layout, ranks):
    stream, weights, said = job(tmp_path, layout, ranks)
    assert said == []
    run, expected = only_run(stream), only_run(alone[0])
    assert run.open['tensors'] == expected.open['tensors']
    assert (run.steps, run.anchors, run.end) == (expected.steps, expected.anchors, 'closed')
    for name, rows in (('**.weight', 512), ('**', 128)):
        np.testing.assert_allclose(run.weights()[name], sketch(weights, name, rows), rtol=0, atol=2e-6)
    if layout in ('fsdp', 'hsdp'):  # which compute what one process does; tensor parallelism rounds otherwise
        for own, alone_then in zip(run.deltas, expected.deltas):
            for mine, other in zip(own['data'], alone_then['data']):
                there = np.frombuffer(other, '<f4')
                np.testing.assert_allclose(np.frombuffer(mine, '<f4'), there, rtol=0, atol=1e-6 * np.abs(there).max())


def test_optimizer_states_are_sharded_with_their_parameters(tmp_path):
    expected = only_run(job(tmp_path, 'one', action='optimizer')[0])
    stream, _, said = job(tmp_path, 'fsdp', 2, 'optimizer')
    run = only_run(stream)
    assert said == []
    assert run.names == expected.names
    assert 'optimizer/exp_avg_sq/**.weight' in run.names
    for name, values in expected.weights().items():
        np.testing.assert_allclose(run.weights()[name], values, rtol=0, atol=1e-6, err_msg=name)


def test_a_frozen_shard_and_a_nan_on_one_rank_do_no_harm(tmp_path):
    stream, weights, said = job(tmp_path, 'fsdp', 2, 'freeze')
    assert said == []
    np.testing.assert_allclose(
        only_run(stream).weights()['**.weight'], sketch(weights, '**.weight', 512), rtol=0, atol=2e-6
    )
    stream, _, said = job(tmp_path, 'fsdp', 2, 'nan')
    assert said == []
    assert only_run(stream).steps == [1, 2, 3, 4, 5, 6, 7, 8]


def test_a_full_disk_ends_the_stream_and_hangs_nobody(tmp_path):
    _, weights, said = job(tmp_path, 'fsdp', 2, 'full')
    assert len(weights) == 6
    assert len(said) == 1
    assert 'No space left on device. Training goes on' in said[0]


def test_an_added_parameter_is_said_once_and_ends_the_run(tmp_path):
    stream, _, said = job(tmp_path, 'fsdp', 2, 'add')
    assert len(said) == 1
    assert '"scale" has been added' in said[0]
    assert frames_of(stream)[-1]['kind'] == 'close'


def test_shards_that_are_not_folded_are_refused_with_what_to_do(tmp_path):
    _, _, said = job(tmp_path, 'fsdp', 2, 'whole')
    assert 'this process has a shard alone. Give fold=65536' in said[-1]


def test_the_reader_takes_the_sketch_of_a_sharded_model(tmp_path):
    stream, _, _ = job(tmp_path, 'fsdp', 2)
    result = analysed(stream, {'select': {'include': ['**.weight']}, 'stages': [{'type': 'svd', 'rank': 2}]})
    assert (result.code, result.last('run')['steps']) == (0, 8), result.err
