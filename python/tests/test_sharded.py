"""Models over several processes, with the real torchrun and gloo."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from support import HERE, analysed, environment, frames_of, only_run
from thalweg._fold import fold, signs

pytest.importorskip('torch.distributed.fsdp').fully_shard  # noqa: B018

SEED = 3


JOBS = {
    1: ['one', 'one-optimizer'],
    2: ['fsdp', 'fsdp-optimizer', 'fsdp-freeze', 'fsdp-nan', 'fsdp-full', 'fsdp-add', 'fsdp-whole'],
    4: ['fsdp', 'tp', 'hsdp', 'both'],
}
"""By the number of processes, which train them one after another: they start slowly."""


@pytest.fixture(scope='module')
def job(tmp_path_factory):
    """Gives a job's stream, the weights at its end and what was said."""
    folders = {}

    def trained(ranks):
        folder = folders[ranks] = tmp_path_factory.mktemp(f'ranks-{ranks}')
        torchrun = ['-m', 'torch.distributed.run', '--standalone', '--nproc-per-node', str(ranks)]
        command = [sys.executable, '-B', *(torchrun if ranks > 1 else [])]
        command += [str(HERE / 'sharded_job.py'), str(folder), *JOBS[ranks]]
        done = subprocess.run(command, capture_output=True, timeout=280, env=environment())
        assert done.returncode == 0, done.stderr.decode()[-3000:]

    def result(ranks, name):
        if ranks not in folders:
            trained(ranks)
        path = folders[ranks] / name
        said = [line for each in range(ranks) for line in Path(f'{path}.said-{each}').read_text().splitlines()]
        weights, stream = Path(f'{path}.npz'), Path(f'{path}.thalweg')
        assert weights.exists() or name == 'fsdp-whole', said
        return (
            stream.read_bytes() if stream.exists() else b'',
            dict(np.load(weights)) if weights.exists() else {},
            [line for line in said if 'thalweg: ' in line or 'Error' in line],
        )

    return result


def sketch(weights: dict, pattern: str, rows: int) -> np.ndarray:
    group = [weight for name, weight in weights.items() if name.endswith('weight') == (pattern == '**.weight')]
    values = np.concatenate(group)
    sums = np.zeros(rows)
    fold(sums, values, signs(0, len(values), SEED), 0, SEED)
    return sums


@pytest.mark.parametrize(('layout', 'ranks'), [('fsdp', 2), ('fsdp', 4), ('tp', 4), ('hsdp', 4), ('both', 4)])
def test_each_rank_folds_its_shards_to_one_sketch(job, layout, ranks):
    stream, weights, said = job(ranks, layout)
    assert said == []
    run, expected = only_run(stream), only_run(job(1, 'one')[0])
    assert run.open['tensors'] == expected.open['tensors']
    assert (run.steps, run.anchors, run.end) == (expected.steps, expected.anchors, 'closed')
    for name, rows in (('**.weight', 512), ('**', 128)):
        np.testing.assert_allclose(run.weights()[name], sketch(weights, name, rows), rtol=0, atol=2e-6)
    if layout in ('fsdp', 'hsdp'):  # which compute what one process does; tensor parallelism rounds otherwise
        for own, alone_then in zip(run.deltas, expected.deltas):
            for mine, other in zip(own['data'], alone_then['data']):
                there = np.frombuffer(other, '<f4')
                np.testing.assert_allclose(np.frombuffer(mine, '<f4'), there, rtol=0, atol=1e-6 * np.abs(there).max())


def test_optimizer_states_are_sharded_with_their_parameters(job):
    expected = only_run(job(1, 'one-optimizer')[0])
    stream, _, said = job(2, 'fsdp-optimizer')
    run = only_run(stream)
    assert said == []
    assert run.names == expected.names
    assert 'optimizer/exp_avg_sq/**.weight' in run.names
    for name, values in expected.weights().items():
        np.testing.assert_allclose(run.weights()[name], values, rtol=0, atol=1e-6, err_msg=name)


def test_a_frozen_shard_and_a_nan_on_one_rank_do_no_harm(job):
    stream, weights, said = job(2, 'fsdp-freeze')
    assert said == []
    np.testing.assert_allclose(
        only_run(stream).weights()['**.weight'], sketch(weights, '**.weight', 512), rtol=0, atol=2e-6
    )
    stream, _, said = job(2, 'fsdp-nan')
    assert said == []
    assert only_run(stream).steps == [1, 2, 3, 4, 5, 6, 7, 8]


def test_a_full_disk_ends_the_stream_and_hangs_nobody(job):
    _, weights, said = job(2, 'fsdp-full')
    assert len(weights) == 6
    assert len(said) == 1
    assert 'No space left on device. Training continues' in said[0]


def test_an_added_parameter_is_said_once_and_ends_the_run(job):
    stream, _, said = job(2, 'fsdp-add')
    assert len(said) == 1
    assert '"scale" has been added' in said[0]
    assert frames_of(stream)[-1]['kind'] == 'close'


def test_shards_that_are_not_folded_are_refused_with_what_to_do(job):
    _, _, said = job(2, 'fsdp-whole')
    assert 'this process has a shard alone. Give fold=65536' in said[-1]


def test_the_reader_takes_the_sketch_of_a_sharded_model(job):
    stream, _, _ = job(2, 'fsdp')
    result = analysed(stream, {'select': {'include': ['**.weight']}, 'stages': [{'type': 'svd', 'rank': 2}]})
    assert (result.code, result.last('run')['steps']) == (0, 8), result.err
