"""The set of tensors is that of the start, and each is followed by identity."""

from __future__ import annotations

import copy
import io
import pickle

import numpy as np
import pytest

from support import analysed, assert_follows, only_run, runs_of, weights_of
from thalweg import Stream

torch = pytest.importorskip('torch')
from torch import nn  # noqa: E402

from models import mlp, train_step  # noqa: E402


@pytest.fixture(autouse=True)
def _seeded():
    torch.manual_seed(0)


def blocks(count=3):
    return nn.Sequential(*[nn.Linear(4, 4, bias=False) for _ in range(count)])


def nudge(model):
    with torch.no_grad():
        for weight in model.parameters():
            if weight.requires_grad:
                weight += 0.01 * torch.randn_like(weight)


def recorded(model, steps=12, before=lambda step: None, **options):
    out = io.BytesIO()
    stream = Stream(model, out=out, **options)
    for step in range(1, steps + 1):
        before(step)
        nudge(model)
        stream.record(step)
    stream.close()
    return out.getvalue()


def test_a_frozen_tensor_is_unchanged_and_goes_on_when_it_is_unfrozen(capsys):
    model = blocks()

    def before(step):
        model[0].weight.requires_grad_(not 4 <= step <= 8)

    run = only_run(recorded(model, before=before))
    assert_follows(run, model)
    unchanged = [delta['step'] for delta in run.deltas if delta['data'][0] is None]
    assert unchanged == [5, 6, 7, 8], 'frozen at 4, when a delta may still hold what came before'
    assert capsys.readouterr().err == ''


def test_a_tensor_that_was_frozen_from_the_start_is_declared_and_followed_when_it_moves():
    model = blocks()
    model[1].weight.requires_grad_(False)
    stream = recorded(model, before=lambda step: step == 5 and model[1].weight.requires_grad_(True))
    run = only_run(stream)
    assert [tensor['trainable'] for tensor in run.open['tensors']] == [True, False, True]
    assert_follows(run, model)
    assert [delta['step'] for delta in run.deltas if delta['data'][1] is None] == [1, 2, 3, 4, 5]
    assert analysed(stream, 'layers').code == 0


def test_what_moved_before_it_was_frozen_within_a_stride_is_sent():
    model = blocks()
    run = only_run(recorded(model, before=lambda step: step == 6 and model[0].requires_grad_(False), pace=4, anchor=99))
    assert_follows(run, model)


@pytest.mark.parametrize('options', [{}, {'pace': 4, 'anchor': 99}], ids=['every', 'strides'])
@pytest.mark.parametrize('begin', [1, 6])
def test_a_frozen_average_inside_the_model_is_followed(begin, options, capsys):
    model = blocks(2)
    model[1].weight.requires_grad_(False)

    def before(step):
        if step > begin:
            model[1].weight.data.lerp_(model[0].weight.data, 0.1)

    run = only_run(recorded(model, before=before, **options))
    assert_follows(run, model)
    assert run.deltas[0]['data'][1] is None
    assert capsys.readouterr().err == ''


def test_swapping_what_is_frozen_mixes_no_names():
    model = blocks(4)
    model[3].weight.requires_grad_(False)

    def before(step):
        model[0].weight.requires_grad_(step < 6)
        model[3].weight.requires_grad_(step >= 6)

    run = only_run(recorded(model, before=before))
    assert_follows(run, model)


CHANGES = {
    'added': lambda model: model.append(nn.Linear(4, 4, bias=False)),
    'removed': lambda model: model.pop(-1),
    'replaced': lambda model: setattr(model[1], 'weight', nn.Parameter(torch.zeros(4, 4))),
    'resized': lambda model: setattr(model[1].weight, 'data', torch.zeros(4, 5)),
}


@pytest.mark.parametrize('change', CHANGES)
@pytest.mark.parametrize('fold', [None, 128])
def test_a_change_of_the_set_is_said_and_ends_the_run(change, fold, capsys):
    model = nn.Sequential(*blocks(3), *(blocks(20) if fold else ()))
    stream = recorded(model, before=lambda step: step == 5 and CHANGES[change](model), fold=fold)
    run = only_run(stream)
    assert (run.steps, run.end) == ([1, 2, 3, 4], 'closed')
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert change in said[0]
    assert 'before step 5, so the run ends there' in said[0]
    assert analysed(stream, {'stages': [{'type': 'svd', 'rank': 2, 'columns': 4}]}).code == 0


@pytest.mark.parametrize('change', CHANGES)
def test_a_new_run_begins_after_it_if_that_is_wanted(change, capsys):
    model = blocks()
    stream = recorded(model, before=lambda step: step == 5 and CHANGES[change](model), reopen=True)
    first, second = runs_of(stream)
    assert (first.steps, first.end, second.steps, second.end) == ([1, 2, 3, 4], 'closed', list(range(6, 13)), 'closed')
    assert (first.open['run'], second.open['run']) == ('run', 'run-2')
    assert_follows(second, model)
    assert 'the run ends there, and "run-2" begins' in capsys.readouterr().err


def test_strict_raises_at_a_change():
    model = blocks()
    with pytest.raises(ValueError, match='"3.weight" has been added before step 5'):
        recorded(model, before=lambda step: step == 5 and CHANGES['added'](model), strict=True)


def test_a_list_notices_an_array_of_another_shape():
    arrays = {'w': np.zeros(4)}
    out = io.BytesIO()
    stream = Stream(lambda: arrays.items(), out=out, strict=True)
    arrays['w'] = np.zeros(5)
    with pytest.raises(ValueError, match=r'"w" has been resized from \[4\] to \[5\]'):
        stream.record(1)


def test_buffers_come_on_request_in_their_own_role():
    model = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4))
    assert len(only_run(recorded(model)).names) == 4
    out = io.BytesIO()
    stream = Stream(model, out=out, buffers=True)
    for step in range(1, 6):
        model(torch.randn(8, 4))
        stream.record(step)
    stream.close()
    run = only_run(out.getvalue())
    roles = {tensor['name']: tensor.get('role') for tensor in run.open['tensors']}
    assert roles['1.running_mean'] == roles['1.running_var'] == 'buffer'
    assert '1.num_batches_tracked' not in roles
    np.testing.assert_allclose(run.weights()['1.running_mean'], model[1].running_mean, atol=1e-6)


@pytest.mark.parametrize(
    ('kind', 'options', 'roles'),
    [
        ('SGD', {'lr': 0.1, 'momentum': 0.9}, {'momentum_buffer'}),
        ('AdamW', {'lr': 0.01}, {'exp_avg', 'exp_avg_sq'}),
        ('Adam', {'lr': 0.01, 'amsgrad': True}, {'exp_avg', 'exp_avg_sq', 'max_exp_avg_sq'}),
        ('RMSprop', {'lr': 0.01, 'momentum': 0.5}, {'square_avg', 'momentum_buffer'}),
    ],
)
@pytest.mark.parametrize('stepped', [False, True])
def test_optimizer_states_come_in_their_own_roles(kind, options, roles, stepped):
    model = mlp(4, 6, 2)
    optimizer = getattr(torch.optim, kind)(model.parameters(), **options)
    if stepped:
        train_step(model, optimizer, 4)
    before = weights_of(model)
    out = io.BytesIO()
    stream = Stream(model, out=out, optimizer=optimizer, strict=True)
    for step in range(1, 9):
        train_step(model, optimizer, 4)
        stream.record(step)
    stream.close()
    run = only_run(out.getvalue())
    assert {t.get('role') for t in run.open['tensors']} == {None, *roles}
    assert all(t['trainable'] is False for t in run.open['tensors'] if t.get('role'))
    for name, parameter in model.named_parameters():
        for role in roles:
            state = optimizer.state[parameter][role].numpy().ravel()
            np.testing.assert_allclose(run.weights()[f'optimizer/{role}/{name}'], state, atol=1e-6)
    assert any(np.abs(run.weights()[name] - weight).max() > 1e-3 for name, weight in before.items())


class Noisy(torch.optim.SGD):
    def step(self, closure=None):
        for group in self.param_groups:
            for weight in group['params']:
                self.state[weight]['noise'] = torch.randn_like(weight)


def test_to_look_for_states_leaves_the_random_numbers_of_training_alone():
    model = nn.Linear(3, 2)
    before = torch.get_rng_state()
    run = Stream(model, out=io.BytesIO(), optimizer=Noisy(model.parameters(), 0.1))
    assert torch.equal(torch.get_rng_state(), before)
    run.close()


def test_a_copy_of_a_model_that_holds_its_stream_is_closed():
    model, out = nn.Linear(3, 2), io.BytesIO()
    model.stream = Stream(model, out=out)
    for copied in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert copied.stream.closed
        copied.stream.record(1)
        copied.stream.close()
    model.stream.record(1)
    model.stream.close()
    run = only_run(out.getvalue())
    assert (run.steps, run.end) == ([1], 'closed')


def test_an_optimizer_without_states_is_refused():
    model = mlp(4, 2)
    with pytest.raises(ValueError, match='SGD keeps no state'):
        Stream(model, out=io.BytesIO(), optimizer=torch.optim.SGD(model.parameters(), 0.1))


def test_states_are_folded_apart_from_the_weights():
    model = mlp(40, 60, 10)
    optimizer = torch.optim.AdamW(model.parameters())
    out = io.BytesIO()
    stream = Stream(model, out=out, optimizer=optimizer, fold=256, strict=True)
    for step in range(1, 5):
        train_step(model, optimizer, 40)
        stream.record(step)
    stream.close()
    opened = only_run(out.getvalue()).open['tensors']
    assert [(t['name'], t.get('role'), t['fold']['elements']) for t in opened] == [
        ('model', None, 3070),
        ('optimizer/exp_avg/model', 'exp_avg', 3070),
        ('optimizer/exp_avg_sq/model', 'exp_avg_sq', 3070),
    ]


@pytest.mark.parametrize('frozen', [False, True])
def test_a_moving_average_is_a_member_or_a_run_of_its_own(frozen):
    model = mlp(4, 6, 2)
    average = torch.optim.swa_utils.AveragedModel(model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.9))
    average.requires_grad_(not frozen)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    outs = [io.BytesIO(), io.BytesIO()]
    streams = [Stream(model, average, out=outs[0]), Stream(average, out=outs[1])]
    for step in range(1, 11):
        train_step(model, optimizer, 4)
        average.update_parameters(model)
        for stream in streams:
            stream.record(step)
    for stream in streams:
        stream.close()
    both, alone = (only_run(out.getvalue()) for out in outs)
    assert_follows(both, model)
    assert_follows(both, average.module, member=1)
    assert_follows(alone, average.module)
    assert analysed(outs[1].getvalue()).code == 0
