"""The sketch, against its definition element by element, against the engine, and in plain PyTorch."""

from __future__ import annotations

import io
import json
import subprocess
import sys

import numpy as np
import pytest

from support import NDJSON, ROOT, THALWEG, analysed, environment, only_run
from thalweg import Stream
from thalweg._fold import fold, signs, turns
from thalweg._globs import glob_to_pattern

SEED = 7


def mix(h: int) -> int:
    h ^= h >> 16
    h = h * 0x85EBCA6B & 0xFFFFFFFF
    h ^= h >> 13
    h = h * 0xC2B2AE35 & 0xFFFFFFFF
    return h ^ h >> 16


def row_of(element: int, rows: int, seed: int) -> int:
    return (element + mix(~seed & 0xFFFFFFFF ^ mix(element // rows & 0xFFFFFFFF))) % rows


def sign_of(element: int, seed: int) -> int:
    word = mix(seed ^ mix(element // 128 * 4 + element % 4 & 0xFFFFFFFF))
    return -1 if word << (element % 128 >> 2) & 0x80000000 else 1


def folded(values: np.ndarray, rows: int, seed: int, first: int = 0) -> np.ndarray:
    sums = np.zeros(rows)
    for i, value in enumerate(values):
        sums[row_of(first + i, rows, seed)] += sign_of(first + i, seed) * float(value)
    return sums


PLACES = [0, 1, 127, 128, 65_535, 65_536, 70_001, 2**32 + 77, 2**45 + 12_345]


@pytest.mark.parametrize('rows', [128, 1024, 65_536])
@pytest.mark.parametrize('first', [0, 5, 65_530, 2**33 + 3])
def test_rows_and_signs_are_those_of_the_definition(rows, first):
    values = np.random.default_rng(0).standard_normal(3000).astype('f4')
    sums = np.zeros(rows)
    fold(sums, values, signs(first, len(values), SEED), first, SEED)
    np.testing.assert_allclose(sums, folded(values, rows, SEED, first), rtol=0, atol=1e-12)


def test_rows_and_signs_are_those_of_the_engine():
    program = (
        "import { rowOf, signOf } from './src/engine/planning/fold.ts';"
        f'console.log(JSON.stringify({PLACES}.map((e) => [0, 7, 123456789].map((s) => [rowOf(e, s), signOf(e, s)]))))'
    )
    node = ['node', '--import', 'tsx', '--input-type=module', '-e', program]
    for element, of_engine in zip(PLACES, json.loads(subprocess.check_output(node, cwd=ROOT))):
        for seed, (row, sign) in zip((0, 7, 123456789), of_engine):
            own = (element + int(turns(element // 65_536, 1, 65_536, seed)[0])) % 65_536
            assert (own, int(signs(element, 1, seed)[0])) == (row, sign)


@pytest.mark.parametrize('stretches', [[(0, 5000)], [(100, 700), (9000, 700), (70_000, 700)]])
def test_a_device_folds_as_the_cpu_does(torch, stretches):
    from thalweg._fold_torch import DeviceFold

    length = stretches[0][1]
    starts = np.array([start for start, _ in stretches])
    values = torch.randn(length * len(starts))
    there = torch.zeros(1024, dtype=torch.float64)
    DeviceFold(starts, length, 1024, SEED, torch.device('cpu')).add(there, values)
    here = np.zeros(1024)
    for i, start in enumerate(starts):
        part = values[i * length : (i + 1) * length].numpy()
        fold(here, part, signs(int(start), length, SEED), int(start), SEED)
    np.testing.assert_allclose(there.numpy(), here, rtol=0, atol=1e-12)


def trained(*options: dict, tensors: int = 3, size: int = 30_000, steps: int = 24) -> list[bytes]:
    """Streams of one training, each with its own options."""
    random = np.random.default_rng(1)
    weights = [(f'layer.{i}', random.standard_normal(size).astype('f4')) for i in range(tensors)]
    outs = [io.BytesIO() for _ in options]
    streams = [Stream(weights, out=out, **each) for out, each in zip(outs, options)]
    directions = random.standard_normal((4, tensors, size)).astype('f4') * 1e-4
    for step in range(1, steps + 1):
        for i, (_, weight) in enumerate(weights):
            weight += np.tensordot(random.standard_normal(4).astype('f4'), directions[:, i], 1)
            weight += 1e-6 * random.standard_normal(size).astype('f4')
        for stream in streams:
            stream.record(step)
    for stream in streams:
        stream.close()
    return [out.getvalue() for out in outs]


def matrix(stream: bytes) -> np.ndarray:
    run = only_run(stream)
    dtypes = [np.dtype('<f4')] * len(run.names)
    return np.array([np.concatenate([np.frombuffer(b, d) for b, d in zip(f['data'], dtypes)]) for f in run.deltas]).T


def test_a_sketch_holds_what_the_definition_says(monkeypatch):
    dense, sketched = trained({}, {'fold': 4096, 'seed': SEED}, size=5000, steps=3)
    deltas, sketches = matrix(dense).astype(float), matrix(sketched)
    opened = only_run(sketched).open['tensors']
    assert opened == [{'name': 'model', 'shape': [4096], 'dtype': 'f32', 'fold': {'elements': 15_000, 'seed': SEED}}]
    for delta, sketch in zip(deltas.T, sketches.T):
        expected = folded(delta, 4096, SEED)
        np.testing.assert_allclose(sketch, expected, rtol=0, atol=2e-6 * np.abs(expected).max())


def test_the_engine_has_the_same_figures_of_a_sketch_that_it_makes_and_of_one_that_it_is_sent():
    dense, sketched = trained({}, {'fold': 65_536})
    stages = [
        {'type': 'svd', 'tier': 'sketch', 'rank': 4, 'columns': 24},
        {'type': 'ftle', 'method': 'local-linear', 'on': 'svd'},
    ]
    own, sent = analysed(dense, {'stages': stages}), analysed(sketched, {'stages': stages})
    assert (own.code, sent.code) == (0, 0), own.err + sent.err
    for name in ('singularValues', 'energy', 'captured', 'estimatedErrors'):
        np.testing.assert_allclose(sent.last('svd')[name], own.last('svd')[name], rtol=2e-5, err_msg=name)
    for name in ('updateNorm', 'weightNorm', 'updateCosine'):
        np.testing.assert_allclose(sent.last('health')[name], own.last('health')[name], rtol=2e-5, err_msg=name)
    assert sent.last('svd')['upperBounds'] is None
    assert sent.alerts.count('run/sketch') == 1
    true = np.linalg.svd(matrix(dense).astype(float), compute_uv=False)
    np.testing.assert_allclose(sent.last('svd')['singularValues'], true[:4], rtol=0.02)


def test_the_default_pipeline_refuses_a_sketch_alone_and_takes_one_with_a_sample():
    alone, sampled = trained({'fold': 1024}, {'fold': 1024, 'sample': 200}, steps=40)
    refused = analysed(alone)
    assert refused.code == 78
    assert 'stage cmd: it needs single weights, but tensor "model" is a sketch' in refused.err
    taken = analysed(sampled)
    assert taken.code == 0, taken.err
    assert len(taken.last('svd')['singularValues']) == 16
    assert 0 < taken.last('cmd')['explained'] <= 1
    assert taken.last('cmd')['modes'][0]['reference']['tensor'] == 'sample'


def test_a_frozen_tensor_that_code_moves_is_folded_anew():
    torch = pytest.importorskip('torch')
    model = torch.nn.Sequential(torch.nn.Linear(16, 16, bias=False), torch.nn.Linear(16, 16, bias=False))
    model[1].weight.requires_grad_(False)
    out = io.BytesIO()
    with Stream(model, out=out, fold=128, seed=SEED) as stream:
        for step in range(1, 9):
            for layer in model:
                layer.weight.data += 0.1
            stream.record(step)
    values = np.concatenate([layer.weight.detach().numpy().reshape(-1) for layer in model])
    streamed = only_run(out.getvalue()).weights()['model']
    np.testing.assert_allclose(streamed, folded(values, 128, SEED), rtol=0, atol=1e-5)


def test_another_fold_is_refused_when_a_run_goes_on(tmp_path):
    first, same, other = trained({'fold': 1024}, {'fold': 1024}, {'fold': 1024, 'seed': 1})
    cut = first[: first.rindex(b'delta')]
    pipeline = {'stages': [{'type': 'svd'}], 'checkpoint': {'path': str(tmp_path / 'state'), 'every': 4}}
    assert analysed(cut, pipeline).code == 0
    refused = analysed(other, pipeline, '--resume')
    assert refused.code == 65
    assert 'tensors[0]' in refused.err
    assert '"seed":1' in refused.err
    taken = analysed(same, pipeline, '--resume')
    assert taken.code == 0, taken.err


def test_a_script_pipes_a_sketch_into_the_command_line(torch, tmp_path):
    pipeline = tmp_path / 'pipeline.json'
    pipeline.write_text(json.dumps({'stages': [{'type': 'svd', 'rank': 3}], 'sinks': NDJSON}))
    program = """
import torch
from thalweg import Stream
torch.manual_seed(0)
model = torch.nn.Linear(400, 400)
optimizer = torch.optim.Adam(model.parameters(), 1e-3)
stream = Stream(model, fold={'**.bias': 128, '**': 4096}, pace='every')
for step in range(1, 41):
    x = torch.randn(16, 400)
    loss = (model(x) - x).square().mean()
    optimizer.zero_grad(); loss.backward(); optimizer.step()
    stream.record(step, loss=loss)
stream.close()
"""
    trainer = subprocess.Popen([sys.executable, '-B', '-c', program], stdout=subprocess.PIPE, env=environment())
    command = [*THALWEG, 'run', str(pipeline), '--quiet']
    done = subprocess.run(command, stdin=trainer.stdout, capture_output=True, timeout=120)
    assert (trainer.wait(), done.returncode) == (0, 0), done.stderr
    last = [json.loads(line) for line in done.stdout.splitlines() if b'"stage":"svd"' in line][-1]['values']
    assert last['tier'] == 'sketch'
    errors = np.array(last['estimatedErrors']) / last['singularValues']
    assert (errors >= np.sqrt(1 / 256)).all()  # of the fewest rows


def test_groups_have_rows_of_their_own_and_the_rest_is_sent_whole():
    _, stream = trained({}, {'fold': {'layer.0': 1024, '**.{1,7}': 2048}}, steps=2)
    tensors = only_run(stream).open['tensors']
    assert [(t['name'], t['shape'], t.get('fold', {}).get('elements')) for t in tensors] == [
        ('layer.0', [1024], 30_000),
        ('**.{1,7}', [2048], 30_000),
        ('layer.2', [30_000], None),
    ]


def test_a_group_of_few_elements_is_sent_whole():
    (stream,) = trained({'fold': 65_536}, tensors=2, size=100, steps=1)
    assert [t['name'] for t in only_run(stream).open['tensors']] == ['layer.0', 'layer.1']


@pytest.mark.parametrize(
    ('fold', 'words'),
    [
        ({'nothing.*': 1024}, r'"nothing\.\*" matches none of "layer\.0"'),
        (1000, 'a power of two'),
        (64, 'a power of two'),
        ({'**': 2.5}, 'a power of two'),
    ],
)
def test_what_cannot_be_folded_is_refused_in_words(fold, words):
    with pytest.raises(ValueError, match=words):
        trained({'fold': fold})


def test_a_sample_is_single_weights_whole():
    dense, stream = trained({}, {'fold': 1024, 'sample': 50})
    run, whole = only_run(stream), only_run(dense)
    assert [(t['name'], t['shape'], t.get('role')) for t in run.open['tensors']] == [
        ('model', [1024], None),
        ('sample', [50], 'sample'),
    ]
    weights = np.concatenate(list(whole.weights().values()))
    sample = run.weights()['sample']
    places = [int(np.argmin(np.abs(weights - value))) for value in sample]
    np.testing.assert_allclose(weights[places], sample, rtol=0, atol=1e-6)
    assert places == sorted(places)


def test_a_nan_in_one_weight_costs_that_step_and_the_one_that_leads_back():
    weights = np.zeros(3000, 'f4')
    out = io.BytesIO()
    stream = Stream([('w', weights)], out=out, fold=1024)
    for step in range(1, 9):
        weights += 1
        kept = weights[5]
        weights[5] = np.nan if step == 4 else kept if step != 5 else 5
        stream.record(step)
    stream.close()
    run = only_run(out.getvalue())
    finite = [bool(np.isfinite(np.frombuffer(frame['data'][0], '<f4')).all()) for frame in run.deltas]
    assert finite == [True, True, True, False, False, True, True, True]
    np.testing.assert_allclose(run.weights()['model'], folded(weights, 1024, 0), rtol=0, atol=1e-3)


def test_frozen_weights_cost_nothing_and_move_nothing(torch):
    model = torch.nn.Sequential(torch.nn.Linear(60, 60), torch.nn.Linear(60, 60))
    model[0].requires_grad_(False)
    out = io.BytesIO()
    stream = Stream(model, out=out, fold=1024)
    folds = []
    for step in range(1, 5):
        if step == 3:
            model[0].requires_grad_(True)
        with torch.no_grad():
            for weight in model.parameters():
                weight += weight.requires_grad * 0.1
        stream.record(step)
        folds.append(folded(torch.cat([w.flatten() for w in model.parameters()]).detach().numpy(), 1024, 0))
    stream.close()
    run = only_run(out.getvalue())
    np.testing.assert_allclose(run.weights()['model'], folds[-1], rtol=0, atol=1e-5)
    assert run.open['tensors'][0]['fold']['elements'] == 2 * 3660


@pytest.mark.parametrize(
    ('glob', 'name', 'matches'),
    [
        ('**', 'a.b', True),
        ('*', 'a.b', False),
        ('*.b', 'a/b', True),
        ('**.bias', 'bias', True),
        ('blocks.{1,2}.*', 'blocks.2.w', True),
        ('blocks.[0-3].**', 'blocks.4.w', False),
        ('a?', 'ab', True),
        ('a+b', 'a+b', True),
    ],
)
def test_globs_mean_what_they_mean_in_pipelines(glob, name, matches):
    assert bool(glob_to_pattern(glob).match(name)) == matches
