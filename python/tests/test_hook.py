"""The hook on an optimizer: figures of any name, optimizers of any kind."""

from __future__ import annotations

import argparse
import io

import numpy as np
import pytest

from support import only_run, weights
from thalweg import Stream, watch

torch = pytest.importorskip('torch')

from thalweg.torch import facts_of, hook, rate_of  # noqa: E402


class Plain(torch.optim.Optimizer):
    """Has no learning rate."""

    def __init__(self, parameters):
        super().__init__(parameters, {'size': 0.1})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for weight in group['params']:
                weight -= group['size'] * weight.grad


class Wrapper(torch.optim.Optimizer):
    """As Accelerate has one: what it wraps has the hooks."""

    def __init__(self, optimizer):
        self.optimizer = optimizer

    @property
    def param_groups(self):
        return self.optimizer.param_groups

    def step(self):
        self.optimizer.step()


def hooked(make, log=lambda stream, loss: None, **options):
    model, out = torch.nn.Linear(4, 2), io.BytesIO()
    optimizer = make(model.parameters())
    stream = hook(model, optimizer, out=out, **options)
    for _ in range(3):
        loss = model(torch.ones(1, 4)).square().mean()
        model.zero_grad()
        loss.backward()
        log(stream, loss)
        optimizer.step()
    stream.close()
    run = only_run(out.getvalue())
    assert run.steps == [1, 2, 3]
    np.testing.assert_allclose(run.weights()['bias'], model.bias.detach(), atol=1e-7)
    return run


def sgd(parameters):
    return torch.optim.SGD(parameters, 0.1)


def test_figures_of_the_script_go_before_those_of_the_optimizer(capsys):
    run = hooked(sgd, lambda stream, loss: stream.log(1, loss=loss, learningRate=5, step=9, self=1, stream=2))
    assert [delta['metrics']['learningRate'] for delta in run.deltas] == [5] * 3
    assert set(run.deltas[0]['metrics']) == {'loss', 'learningRate', 'self', 'stream'}
    assert run.deltas[0]['epoch'] == 1
    assert capsys.readouterr().err == ''


def test_an_optimizer_without_a_learning_rate_and_one_that_is_wrapped(capsys):
    assert 'metrics' not in hooked(Plain).deltas[0]
    run = hooked(lambda parameters: Wrapper(sgd(parameters)), meta=argparse.Namespace(seed=3))
    assert run.open['meta'] == {'optimizer': 'sgd', 'learningRate': 0.1, 'momentum': 0, 'weightDecay': 0, 'seed': 3}
    assert capsys.readouterr().err == ''


def test_what_stands_for_no_optimizer_has_no_facts():
    nothing = type('_MockOptimizer', (), {'param_groups': []})()
    assert (facts_of(nothing), rate_of(nothing)) == ({}, {})


@pytest.mark.parametrize('make', [Stream, watch])
def test_no_name_of_a_metric_is_taken(make, monkeypatch, capsys):
    monkeypatch.setenv('THALWEG', 'true')
    options = {'out': io.BytesIO()} if make is Stream else {'patience': 5}
    stream = make(weights(), **options)
    stream.record(1, **dict.fromkeys(('self', 'stream', 'method', 'args', 'kwargs', 'metrics'), 1))
    stream.close()
    assert 'TypeError' not in capsys.readouterr().err
