"""Metrics, facts, weights and steps of every kind are sent, mended or left out."""

from __future__ import annotations

import argparse
import io
import pathlib

import numpy as np
import pytest

from support import analysed, only_run, recorded, weights
from thalweg import Stream


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


def test_what_a_reader_refuses_is_left_out(capsys):
    out, w = io.BytesIO(), weights()
    meta = {'data': np.zeros(100_000), 'text': 'x' * 70_000, 'x' * 300: 1, 'kept': {'y' * 300: 1}, 'good': 1}
    stream = Stream(w, out=out, meta=meta)
    for step in (1, 2):
        w[0][1][:] += 1
        stream.record(step, float('nan') if step == 1 else float('inf'), **{'x' * 300: 1, 'loss': 1})
        stream.log(None, a=1)
        stream.log(-1, b=1)
        stream.log(2**70, c=1)
    stream.close()
    run = only_run(out.getvalue())
    assert run.open['meta'] == {'good': 1}
    assert [(delta.get('epoch'), delta['metrics']) for delta in run.deltas] == [(None, {'loss': 1})] * 2
    assert [frame['step'] for frame in run.metrics] == [1, 1, 1, 2, 2, 2]
    assert analysed(out.getvalue(), {'stages': [{'type': 'svd', 'rank': 1, 'columns': 2}]}).code == 0
    said = capsys.readouterr().err
    assert 'fact "epoch" is nan, expected a finite number; it is left out.' in said
    assert 'has a name of 300 bytes, at most 256 are allowed; it is left out.' in said
    assert 'fact "data" has 900,011 bytes; all facts together may have 65,536; it is left out.' in said
    assert max(map(len, said.splitlines())) < 200


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
        ([1, 2, 'x', 4], [1, 2, 3, 4], "step 'x' cannot be a step, so it is taken as 3"),
        ([1, -5, 3], [1, 2, 3], 'step -5 cannot be a step'),
        ([0.5, 2, 3.5], [1, 2, 3], 'step 0.5 cannot be a step, so it is taken as 1'),
        ([1, 2, 2**60], [1, 2, 3], 'cannot be a step'),
        ([5, 6, 1, 2], [5, 6, 2], 'step 1 comes after step 6, so windows of the analysis close there'),
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
