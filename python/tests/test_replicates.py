"""Replicates in PyTorch, compared by the real `thalweg compare`."""

from __future__ import annotations

import io
import json
import subprocess

import pytest

from support import THALWEG, only_run, runs_of, weights_of
from thalweg import Stream

torch = pytest.importorskip('torch')
from models import mlp, train_step  # noqa: E402
from thalweg.torch import replicates  # noqa: E402


def starts(perturb=1e-3, count=3, **options):
    torch.manual_seed(0)
    model = mlp(4, 8, 2)
    return model, list(replicates(model, count, perturb, **options))


def test_the_first_is_the_model_and_the_others_start_nearby():
    model, (first, second, third) = starts()
    assert first is model
    own = [weights_of(each) for each in (first, second, third)]
    for name in own[0]:
        apart = [abs(other[name] / own[0][name] - 1).max() for other in own[1:]]
        if name.endswith('bias'):
            assert apart == [0, 0]
        else:
            assert all(2e-4 < each < 1.001e-3 for each in apart)
            assert (own[1][name] != own[2][name]).any()


def test_they_follow_from_the_seed_and_leave_the_generator_alone():
    again = [[weights_of(each)['0.weight'].tolist() for each in starts(seed=seed)[1]] for seed in (1, 1, 2)]
    assert again[0] == again[1] != again[2]
    torch.manual_seed(5)
    expected = torch.rand(3)
    model = mlp(4, 8, 2)
    torch.manual_seed(5)
    list(replicates(model, 4))
    assert torch.equal(torch.rand(3), expected)


def test_copies_are_of_the_start_although_the_model_has_been_trained_since():
    torch.manual_seed(0)
    model = mlp(4, 8, 2)
    start, later = weights_of(model), []
    for each in replicates(model, 2):
        later.append(abs(weights_of(each)['0.weight'] / start['0.weight'] - 1).max())
        each[0].weight.data += 1
    assert later[0] == 0
    assert later[1] < 1.001e-3


def test_they_are_members_of_one_run():
    out = io.BytesIO()
    Stream(*starts()[1], out=out).close()
    assert only_run(out.getvalue()).open['members'] == 3


@pytest.mark.parametrize(('perturb', 'model'), [(0, None), (1.5, None), (1e-3, torch.nn.BatchNorm1d(3))])
def test_what_cannot_be_perturbed_is_refused(perturb, model):
    with pytest.raises(ValueError, match=r'expected a share|nothing to perturb'):
        replicates(model or mlp(4, 8, 2), 2, perturb)


def group(path, optimizer_of, rate, seed=0):
    torch.manual_seed(0)
    with path.open('wb') as out:
        for number, model in enumerate(replicates(mlp(4, 8, 2), 5, seed=seed), 1):
            torch.manual_seed(1)  # the same batches
            optimizer = optimizer_of(model.parameters(), rate)
            with Stream(model, out=out, run=f'{path.stem}-{number}') as stream:
                for step in range(1, 97):
                    stream.record(step, loss=train_step(model, optimizer, 4))


def test_their_runs_are_compared(tmp_path):
    group(tmp_path / 'sgd.thalweg', torch.optim.SGD, 0.1)
    group(tmp_path / 'again.thalweg', torch.optim.SGD, 0.1, seed=1)
    group(tmp_path / 'adam.thalweg', torch.optim.Adam, 0.01)
    runs = runs_of((tmp_path / 'sgd.thalweg').read_bytes())
    assert [run.open['run'] for run in runs] == [f'sgd-{number}' for number in range(1, 6)]

    def compared(other):
        command = [*THALWEG, 'compare', 'sgd.thalweg', other, '--json']
        done = subprocess.run(command, capture_output=True, cwd=tmp_path, timeout=120)
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)['verdicts'][0]['verdict']

    assert compared('adam.thalweg') == 'different'
    assert compared('again.thalweg') == 'not shown'
