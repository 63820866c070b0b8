"""What a training that goes well streams."""

from __future__ import annotations

import io
import sys
import threading

import numpy as np
import pytest

from support import analysed, assert_follows, frames_of, only_run, runs_of
from thalweg import Stream


def walk(weights, steps, out=None, record=lambda stream, step: stream.record(step, loss=1 / step), **options):
    """Moves arrays at random and streams them; gives the bytes."""
    out, random = out or io.BytesIO(), np.random.default_rng(0)
    stream = Stream(weights, out=out, **options)
    for step in range(1, steps + 1):
        for _, array in weights:
            array += random.standard_normal(array.shape) * 1e-3
        record(stream, step)
    stream.close()
    return out.getvalue() if isinstance(out, io.BytesIO) else b''


def test_deltas_of_a_network_lead_from_anchor_to_anchor(torch):
    from models import mlp, train_step

    model, out = mlp(8, 16, 4), io.BytesIO()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    stream = Stream(model, run='mine', out=out, anchor=10, meta={'learningRate': 0.1})
    for step in range(1, 31):
        stream.record(step, epoch=step / 10, loss=train_step(model, optimizer, 8))
    stream.close()
    run = only_run(out.getvalue())
    assert_follows(run, model)
    assert run.open['run'] == 'mine'
    assert run.open['meta'] == {'learningRate': 0.1}
    assert (run.steps, run.anchors, run.end) == (list(range(1, 31)), 4, 'closed')
    assert [delta['base'] for delta in run.deltas] == list(range(30))
    assert set(run.deltas[0]['metrics']) == {'loss'}
    assert run.deltas[-1]['epoch'] == 3
    result = analysed(out.getvalue())
    assert (result.code, result.err) == (0, '')
    norm = np.linalg.norm(np.concatenate([w.detach().flatten() for w in (model[0].weight, model[2].weight)]))
    assert result.last('health')['weightNorm'] == pytest.approx(norm, rel=1e-6)


@pytest.mark.parametrize(('dtype', 'bits'), [('f16', 11), ('bf16', 8)])
def test_rounding_of_short_deltas_is_made_up_for(dtype, bits):
    weights = [('a', np.random.default_rng(0).standard_normal(1000).astype('f4'))]
    run = only_run(walk(weights, 200, dtype=dtype, anchor=1000))
    assert np.abs(run.weights()['a'] - weights[0][1]).max() < 5e-3 * 2.0**-bits


def test_every_bfloat16_is_the_nearest_one(torch):
    from thalweg._encode import to_bf16

    bits = torch.arange(2**16, dtype=torch.int32) << 16
    random = np.random.default_rng(0).integers(-(2**31), 2**31, 10**6, dtype=np.int64).astype('<i4').view('<f4')
    values = np.concatenate([bits.numpy().view('<f4'), random])
    own = to_bf16(values)
    theirs = torch.from_numpy(values).to(torch.bfloat16).view(torch.int16).numpy().view('<u2')
    nan = np.isnan(values)
    np.testing.assert_array_equal(own[~nan], theirs[~nan])
    assert (own[nan] == 0x7FC0).all()


def test_tensors_above_16_mib_pass_in_parts_whatever_else_is_in_the_model():
    weights = [('big', np.zeros((3, 1_500_000), 'f4')), ('none', np.zeros(0)), ('one', np.zeros(()))]
    stream = walk(weights, 1, anchor=1)
    run = only_run(stream)
    assert [(t['dtype'], t['shape']) for t in run.open['tensors']] == [
        ('f32', [3, 1_500_000]),
        ('f64', [0]),
        ('f64', []),
    ]
    assert sum(frame['kind'] == 'delta' for frame in frames_of(stream)) == 2
    assert np.abs(run.weights()['big'] - weights[0][1].ravel()).max() == 0


def test_members_are_paired_by_step_and_the_metrics_are_the_firsts():
    a, b = [('w', np.zeros(5))], [('w', np.ones(5))]
    out = io.BytesIO()
    stream = Stream(a, b, out=out, coupled=True)
    for step in range(1, 4):
        a[0][1][:] += 1
        b[0][1][:] += 2
        stream.record(step, loss=0.5)
    stream.close()
    run = only_run(out.getvalue())
    assert (run.open['members'], run.open['coupled']) == (2, True)
    assert [(d['step'], d['member'], 'metrics' in d) for d in run.deltas[:2]] == [(1, 0, True), (1, 1, False)]
    assert (run.weights(0)['w'] == 3).all()
    assert (run.weights(1)['w'] == 7).all()


def test_members_of_unequal_tensors_are_refused():
    with pytest.raises(ValueError, match='member 1 differs from member 0'):
        Stream([('w', np.zeros(5))], [('w', np.zeros(6))], out=io.BytesIO())


def test_a_function_gives_the_arrays_as_they_are_now():
    state, out = {'w': np.zeros(3)}, io.BytesIO()
    stream = Stream(lambda: state.items(), out=out)
    state['w'] = state['w'] + 1
    stream.record(1)
    stream.close()
    assert (only_run(out.getvalue()).weights()['w'] == 1).all()


def test_a_stride_adds_so_many_steps_to_one_delta_and_says_so():
    weights = [('w', np.zeros(3))]
    run = only_run(walk(weights, 22, pace=4))
    assert run.steps == [4, 8, 12, 16, 20]
    assert [(d['base'], d['stride']) for d in run.deltas] == [(step - 4, 4) for step in run.steps]
    assert [d['metrics']['loss'] for d in run.deltas] == [1 / step for step in run.steps]


def test_steps_count_themselves_and_metrics_may_come_apart():
    weights = [('w', np.zeros(3))]

    def record(stream, step):
        stream.record(loss=1)
        if step == 2:
            stream.log(2, epoch=1, accuracy=np.float32(0.5))

    run = only_run(walk(weights, 3, record=record, start=7))
    assert run.steps == [8, 9, 10]
    assert [(m['step'], m['epoch'], m['metrics']) for m in run.metrics] == [(2, 1.0, {'accuracy': 0.5})]


def test_an_anchor_that_is_asked_for_within_a_stride_waits_for_its_delta():
    weights = [('w', np.zeros(3))]
    stream = walk(weights, 8, pace=4, record=lambda s, step: (s.record(step), step in (4, 6) and s.anchor()))
    kinds = [(frame['kind'], frame['step']) for frame in frames_of(stream)[1:-1]]
    assert kinds == [('anchor', 0), ('delta', 4), ('anchor', 4), ('delta', 8), ('anchor', 8)]


def test_a_block_of_with_closes_the_run_or_leaves_it_cut_off():
    weights = [('w', np.zeros(3))]
    for dies, end in ((False, 'closed'), (True, 'truncated')):
        out = io.BytesIO()
        try:
            with Stream(weights, out=out) as stream:
                stream.record(1)
                if dies:
                    raise RuntimeError
        except RuntimeError:
            pass
        assert only_run(out.getvalue()).end == end


def test_a_path_is_opened_and_closed(tmp_path):
    path = tmp_path / 'run.thalweg'
    stream = Stream([('w', np.zeros(3))], out=path)
    stream.record(1)
    stream.close()
    assert only_run(path.read_bytes()).end == 'closed'


@pytest.mark.parametrize(
    ('options', 'words'),
    [
        ({'out': io.StringIO()}, 'opened with "wb"'),
        ({'out': 5}, 'expected a path'),
        ({'out': 'https://example.com/runs/x/frames'}, r'thalweg\.Post'),
        ({'anchor': 0}, 'anchor=0, expected an integer from 1 on'),
        ({'pace': 3}, 'a power of two'),
        ({'pace': 'fast'}, '"every", "budget"'),
        ({'optimizer': [1, 2]}, '2 optimizers for 1 models'),
        ({'start': -1}, 'start=-1, expected an integer from 0 on'),
        ({'seed': -1}, 'seed=-1, expected an integer from 0 to 4294967295'),
        ({'fold': 256.0}, 'fold=256.0, expected an integer'),
        ({'fold': 256, 'sample': -5}, 'sample=-5, expected an integer from 0 on'),
        ({'fold': 256, 'sample': 5000}, 'sample=5000, expected at most 3'),
        ({'fold': 256, 'sample': 0.5}, 'sample=0.5, expected an integer'),
        ({'budget': '3%'}, "budget='3%', expected a number from 0 on"),
        ({'budget': -1}, 'budget=-1'),
        ({'dtype': 'float16'}, "dtype='float16', expected one of 'f32'"),
        ({'meta': 'adam'}, "meta='adam', expected a map of facts"),
        ({'run': 'x' * 70_000}, 'has a name of 70,000 bytes'),
    ],
)
def test_arguments_that_cannot_be_meant_are_refused_at_once(options, words):
    with pytest.raises(ValueError, match=words):
        Stream([('w', np.zeros(3))], **{'out': io.BytesIO(), **options})


def test_counts_of_numpy_are_counts():
    options = {
        'seed': np.int64(1),
        'sample': np.int64(2),
        'fold': np.int64(256),
        'anchor': np.int64(5),
        'start': np.int8(3),
    }
    stream = walk([('w', np.zeros(1000))], 3, **options)
    assert analysed(stream, {'stages': [{'type': 'svd', 'rank': 1, 'columns': 2}]}).code == 0


@pytest.mark.parametrize(
    ('model', 'words'),
    [
        ([np.zeros((2, 3)), np.zeros(3)], r'a list of arrays, expected a list of \(name, array\)'),
        ([np.zeros((3, 3))], r'a list of arrays, expected a list of \(name, array\)'),
        ([('w', np.zeros(3)), ('w', np.zeros(3))], 'two tensors are called "w"'),
        ([('x' * 70_000, np.zeros(3))], 'has a name of 70,000 bytes, at most 65,536 are allowed'),
    ],
)
def test_what_is_no_model_is_refused(model, words):
    with pytest.raises((TypeError, ValueError), match=words):
        Stream(model, out=io.BytesIO())


def test_a_sample_beside_a_tensor_called_sample_is_refused():
    model = [('sample', np.zeros(3)), ('w', np.zeros(1000))]
    with pytest.raises(ValueError, match='two tensors are called "sample"'):
        Stream(model, fold={'w': 256}, sample=10, out=io.BytesIO())


def test_a_map_is_a_model():
    out = io.BytesIO()
    Stream({'w1': np.zeros(3), 'b1': np.zeros(3)}, out=out).close()
    assert only_run(out.getvalue()).names == ['w1', 'b1']


def test_a_stream_without_models_is_refused():
    with pytest.raises(ValueError, match='at least one model'):
        Stream(out=io.BytesIO())


def test_threads_that_share_a_stream_take_turns():
    out, w, interval = io.BytesIO(), np.zeros(20_000), sys.getswitchinterval()
    stream = Stream([('w', w)], out=out)

    def train():
        for _ in range(50):
            np.add(w, 1, out=w)
            stream.record(loss=1)

    sys.setswitchinterval(1e-5)
    try:
        threads = [threading.Thread(target=train) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    stream.record()
    stream.close()
    run = only_run(out.getvalue())
    assert run.steps == list(range(1, 202))
    np.testing.assert_array_equal(run.weights()['w'], w)


def test_several_runs_follow_each_other_in_one_file():
    out = io.BytesIO()
    for name in ('one', 'two'):
        walk([('w', np.zeros(3))], 3, out=out, run=name)
    assert [run.open['run'] for run in runs_of(out.getvalue())] == ['one', 'two']
    assert analysed(out.getvalue()).code == 0
