"""Weights of every kind: streamed rightly, or refused in one sentence."""

from __future__ import annotations

import io

import numpy as np
import pytest

from support import analysed, only_run
from thalweg import Stream

torch = pytest.importorskip('torch')
from torch import nn  # noqa: E402


class Holder(nn.Module):
    def __init__(self, **weights):
        super().__init__()
        for name, weight in weights.items():
            floating = weight.is_floating_point() or weight.is_complex()
            setattr(self, name, nn.Parameter(weight, requires_grad=floating))


def moved(model, move, steps=3, **options):
    out = io.BytesIO()
    stream = Stream(model, out=out, strict=True, **options)
    for step in range(1, steps + 1):
        with torch.no_grad():
            move(model)
        stream.record(step)
    stream.close()
    return out.getvalue()


@pytest.mark.parametrize('fold', [None, 128])
def test_of_complex_weights_both_parts_are_streamed(fold):
    model = Holder(w=torch.randn(4, 100, dtype=torch.complex64))
    stream = moved(model, lambda m: m.w.add_(1j * torch.ones(4, 100)), fold=fold)
    run = only_run(stream)
    if fold is None:
        assert run.open['tensors'][0]['shape'] == [4, 100, 2]
        np.testing.assert_allclose(
            run.weights()['w'].reshape(-1, 2), torch.view_as_real(model.w.detach()).view(-1, 2), atol=1e-5
        )
        assert analysed(stream).last('health')['updateNorm'] == pytest.approx(20, rel=1e-5)
    else:
        assert run.open['tensors'][0]['fold']['elements'] == 800
        moves = np.frombuffer(run.deltas[0]['data'][0], '<f4').astype(float)
        assert np.linalg.norm(moves) == pytest.approx(20, rel=0.3)


def test_complex_numpy_arrays_too():
    weight = np.zeros(3, np.complex128)
    out = io.BytesIO()
    stream = Stream([('w', weight)], out=out)
    weight += 1 + 2j
    stream.record(1)
    stream.close()
    run = only_run(out.getvalue())
    assert run.open['tensors'][0] == {'name': 'w', 'shape': [3, 2], 'dtype': 'f64'}
    assert run.weights()['w'].tolist() == [1, 2] * 3


@pytest.mark.parametrize('dtype', ['float16', 'bfloat16', 'float64', 'float8_e4m3fn'])
@pytest.mark.parametrize('fold', [None, 256])
def test_weights_of_every_width_are_streamed_exactly(dtype, fold):
    dtype = getattr(torch, dtype)
    model = Holder(w=torch.randn(30, 30).to(dtype))
    run = only_run(moved(model, lambda m: m.w.copy_((m.w.double() * 1.25).to(dtype)), fold=fold))
    if fold is None:
        np.testing.assert_allclose(run.weights()['w'], model.w.detach().double().flatten(), rtol=1e-6)


def test_quantised_weights_stay_out_and_are_named(capsys):
    model = Holder(base=torch.randint(0, 255, (8, 8), dtype=torch.uint8), adapter=torch.zeros(8))
    run = only_run(moved(model, lambda m: m.adapter.add_(1)))
    assert run.names == ['adapter']
    assert '1 tensor of integers or quantised values, "base"' in capsys.readouterr().err


def test_sparse_weights_are_streamed_whole():
    model = Holder(w=torch.eye(3).to_sparse())
    run = only_run(moved(model, lambda m: setattr(m.w, 'data', (m.w.to_dense() * 2).to_sparse())))
    assert run.weights()['w'].reshape(3, 3).tolist() == (8 * np.eye(3)).tolist()


def test_weights_that_lie_otherwise_in_memory_are_read_in_their_own_order():
    model = Holder(
        w=torch.arange(12.0).reshape(3, 4).t(), c=torch.randn(2, 3, 8, 8).to(memory_format=torch.channels_last)
    )
    for fold in (None, 128):
        stream = moved(model, lambda m: m.w.add_(1), fold=fold)
    whole = only_run(moved(model, lambda m: m.w.add_(1)))
    assert whole.weights()['w'].tolist() == model.w.detach().reshape(-1).tolist()
    assert whole.weights()['c'].tolist() == model.c.detach().reshape(-1).tolist()
    assert only_run(stream).open['tensors'][0]['fold']['elements'] == 396


def test_tied_weights_are_streamed_once():
    model = nn.Sequential(nn.Linear(4, 4, bias=False), nn.Linear(4, 4, bias=False))
    model[1].weight = model[0].weight
    run = only_run(moved(model, lambda m: m[0].weight.add_(1)))
    assert run.names == ['0.weight']


def test_a_model_without_trainable_parameters_is_streamed_as_a_copy_that_moves():
    model = nn.Linear(4, 4).requires_grad_(False)
    run = only_run(moved(model, lambda m: m.weight.add_(1)))
    assert 'trainable' not in run.open['tensors'][0]
    np.testing.assert_allclose(run.weights()['weight'], model.weight.flatten(), atol=1e-6)


def test_wrappers_do_not_change_names():
    model = nn.Linear(4, 4)
    for wrapped in (nn.DataParallel(model), torch.compile(model), torch.optim.swa_utils.AveragedModel(model)):
        stream = moved(wrapped, lambda m: None)
        assert only_run(stream).names == ['weight', 'bias']


REFUSED = {
    'lazy': (lambda: nn.LazyLinear(4), r'"weight" is lazy .* forward pass first'),
    'meta': (lambda: nn.Linear(4, 4, device='meta'), '"weight" is on the meta device'),
    'integers alone': (lambda: [('n', np.zeros(3, int))], 'no tensor of floating-point values'),
    'none at all': (lambda: nn.Tanh(), 'no tensor of floating-point values'),
    'a name twice': (lambda: [('w', np.zeros(3)), ('w', np.zeros(3))], 'two tensors are called "w"'),
    'a number': (lambda: 5, 'expected a PyTorch module'),
}


@pytest.mark.parametrize('kind', REFUSED)
def test_what_cannot_be_streamed_is_refused_by_name(kind):
    make, words = REFUSED[kind]
    with pytest.raises((ValueError, TypeError), match=words):
        Stream(make(), out=io.BytesIO())


def test_numpy_arrays_of_another_byte_order_are_streamed():
    pairs = [('single', np.zeros(3, '>f4')), ('double', np.zeros(3, '>f8')), ('half', np.zeros(3, '>f2'))]
    out = io.BytesIO()
    stream = Stream(pairs, out=out)
    for _, array in pairs:
        array += 0.1
    stream.record(1)
    stream.close()
    run = only_run(out.getvalue())
    assert [tensor['dtype'] for tensor in run.open['tensors']] == ['f32', 'f64', 'f32']
    for name, array in pairs:
        np.testing.assert_array_equal(run.weights()[name].astype(array.dtype), array)


def test_names_that_are_no_utf8_are_mended():
    run = only_run(stream_named('a\ud800b'))
    assert run.names == ['a?b']


def stream_named(name):
    out = io.BytesIO()
    stream = Stream([(name, np.zeros(3))], out=out)
    stream.record(1, **{name: 1})
    stream.close()
    return out.getvalue()
