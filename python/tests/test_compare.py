"""Folded runs of real trainings, compared by the real `thalweg compare`."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from support import THALWEG
from thalweg import Stream

torch = pytest.importorskip('torch')
from models import mlp, train_step  # noqa: E402

OPTIMIZERS = {'adam': (torch.optim.Adam, 1e-3), 'sgd': (torch.optim.SGD, 0.05)}


def record(path, start: int, optimizer: str = 'adam', steps: int = 48, **options: Any) -> None:
    torch.manual_seed(start)
    model = mlp(64, 64, 4)  # 4,420 weights
    kind, rate = OPTIMIZERS[optimizer]
    trained = kind(model.parameters(), rate)
    with path.open('wb') as out, Stream(model, out=out, run=path.stem, **options) as stream:
        for step in range(1, steps + 1):
            stream.record(step, loss=train_step(model, trained, 64))


def compare(folder, *args: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*THALWEG, 'compare', *args], capture_output=True, cwd=folder, timeout=120)


def test_runs_of_one_fold_are_compared_and_those_of_another_refused_with_the_reason(tmp_path):
    for optimizer in OPTIMIZERS:
        for start in (0, 1):
            record(tmp_path / f'{optimizer}-{start}.thalweg', start, optimizer, fold=4096)
    done = compare(tmp_path, '.', '--group', 'adam=adam-*', '--group', 'sgd=sgd-*', '--json')
    assert done.returncode == 0, done.stderr.decode()
    told = json.loads(done.stdout)
    assert told['refused'] == []
    figures = [each['figure'] for each in told['comparisons']]
    # By spectra, by weights and by paths: the rows of one fold are the same in all runs.
    assert {'koopman eigenvalues', 'koopman eigenvalues, with modes', 'path trajectoryMap'} <= set(figures)
    assert [each['runs'] for each in told['comparisons']] == [[2, 2]] * len(figures)
    assert len(told['map']['runs']) == 4

    record(tmp_path / 'rows.thalweg', 0, steps=8, fold=2048)
    record(tmp_path / 'seed.thalweg', 0, steps=8, fold=4096, seed=5)
    record(tmp_path / 'whole.thalweg', 0, steps=8)
    done = compare(tmp_path, 'adam-0.thalweg', 'rows.thalweg', 'seed.thalweg', 'whole.thalweg')
    assert done.returncode == 65
    said = done.stderr.decode()
    own = '4,420 weights to 4,096 rows of "model" by seed 0'
    for other in (
        '4,420 weights to 2,048 rows of "model" by seed 0',
        '4,420 weights to 4,096 rows of "model" by seed 5',
    ):
        assert f'They are folded in other ways: {own}, and {other}. Record both with the same fold' in said
    assert f'{own}, and "0.weight" whole.' in said
