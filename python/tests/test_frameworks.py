"""Each callback against its real library, in a process of its own: these libraries do not all bear each other.

A script trains with the callback on its stdout, a pipe; what comes out is read back.
"""

from __future__ import annotations

import json

import numpy as np
import pytest

from support import analysed, runs_of, script

FINAL = """
import json, sys
def final(**weights):
    print('final', json.dumps({name: [float(v) for v in values] for name, values in weights.items()}), file=sys.stderr)
"""


def trained(source, **env):
    """The run that a script streamed; it led to the weights that the script ended with."""
    (run,) = all_trained(source, **env)
    return run


def all_trained(source, **env):
    """The runs that a script streamed, each of which led to the weights that a line of the script tells."""
    done = script(FINAL + source, timeout=280, env={'CUDA_VISIBLE_DEVICES': '', 'TF_CPP_MIN_LOG_LEVEL': '3', **env})
    said = done.stderr.decode(errors='replace')
    assert done.returncode == 0, said[-3000:]
    finals = [line for line in said.splitlines() if line.startswith('final ')]
    assert 'thalweg: ' not in said, said[-3000:]
    runs = runs_of(done.stdout)
    assert len(runs) == len(finals)
    for run, line in zip(runs, finals):
        assert run.end == 'closed'
        for name, values in json.loads(line[6:]).items():
            np.testing.assert_allclose(run.weights()[name], values, rtol=0, atol=2e-6, err_msg=name)
    assert analysed(done.stdout, {'stages': [{'type': 'svd', 'rank': 1, 'columns': 4}]}).code == 0
    return runs


def metric(run, name):
    return [delta['metrics'][name] for delta in run.deltas]


def test_pytorch():
    pytest.importorskip('torch')
    run = trained("""
import torch
from models import mlp, train_step
from thalweg.torch import hook

torch.manual_seed(0)
model = mlp(8, 16, 4)
optimizer = torch.optim.SGD(model.parameters(), 0.1, momentum=0.9)
schedule = torch.optim.lr_scheduler.StepLR(optimizer, 10, 0.5)
stream = hook(model, optimizer, pace='every', meta={'seed': 0})
for step in range(30):
    loss = model(torch.randn(16, 8)).square().mean()
    optimizer.zero_grad()
    loss.backward()
    stream.log(epoch=step // 10, loss=loss)
    optimizer.step()
    schedule.step()
    print('a step')
final(**{name: weight.flatten() for name, weight in model.named_parameters()})
""")
    assert run.open['meta'] == {'optimizer': 'sgd', 'learningRate': 0.1, 'momentum': 0.9, 'weightDecay': 0, 'seed': 0}
    assert run.steps == list(range(1, 31))
    assert metric(run, 'learningRate') == [0.1] * 10 + [0.05] * 10 + [0.025] * 10
    assert metric(run, 'loss')[-1] < metric(run, 'loss')[0]
    assert run.deltas[-1]['epoch'] == 2


def test_lightning():
    pytest.importorskip('lightning')
    run = trained("""
import torch
import lightning
from models import mlp
from thalweg.lightning import ThalwegCallback

class Net(lightning.LightningModule):
    def __init__(self):
        super().__init__()
        self.net = mlp(8, 16, 4)
    def training_step(self, batch, index):
        return self.net(batch).square().mean()
    def configure_optimizers(self):
        optimizer = torch.optim.AdamW(self.parameters(), 1e-2)
        return [optimizer], [torch.optim.lr_scheduler.StepLR(optimizer, 1, 0.5)]

torch.manual_seed(0)
loader = torch.utils.data.DataLoader(torch.randn(64, 8), 8)
model = Net()
trainer = lightning.Trainer(
    max_epochs=2, accumulate_grad_batches=2, callbacks=[ThalwegCallback(pace='every')],
    accelerator='cpu', logger=False, enable_checkpointing=False, enable_progress_bar=True,
)
trainer.fit(model, loader)
final(**{name: weight.flatten() for name, weight in model.named_parameters()})
""")
    assert run.open['meta']['optimizer'] == 'adamw'
    assert run.steps == list(range(1, 9))
    assert metric(run, 'learningRate') == [1e-2] * 4 + [5e-3] * 4
    assert [delta['epoch'] for delta in run.deltas] == [0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2]
    assert all(loss > 0 for loss in metric(run, 'loss'))


def test_transformers(tmp_path):
    pytest.importorskip('transformers')
    pytest.importorskip('accelerate')
    run = trained(f"""
import torch
from transformers import GPT2Config, GPT2LMHeadModel, Trainer, TrainingArguments
from thalweg.transformers import ThalwegCallback

torch.manual_seed(0)
model = GPT2LMHeadModel(GPT2Config(n_layer=2, n_head=2, n_embd=16, vocab_size=50, n_positions=16))
data = [{{'input_ids': ids, 'labels': ids}} for ids in torch.randint(0, 50, (48, 8))]
arguments = TrainingArguments(
    {str(tmp_path)!r}, per_device_train_batch_size=8, num_train_epochs=2, logging_steps=3, report_to=[],
    save_strategy='no', learning_rate=1e-2, use_cpu=True,
)
Trainer(model, arguments, train_dataset=data, callbacks=[ThalwegCallback(pace='every')]).train()
final(**{{name: weight.flatten() for name, weight in model.named_parameters()}})
""")
    assert run.open['meta']['optimizer'] == 'adamw'
    assert run.open['meta']['batchSize'] == 8
    assert run.steps == list(range(1, 13))
    assert 'transformer.wte.weight' in run.names
    assert 'lm_head.weight' not in run.names, 'tied'
    assert metric(run, 'learningRate') == pytest.approx([1e-2 * (12 - past) / 12 for past in range(12)])
    assert [(m['step'], set(m['metrics']) >= {'loss'}) for m in run.metrics] == [(s, True) for s in (3, 6, 9, 12)]
    assert run.deltas[5]['epoch'] == 1


@pytest.mark.parametrize('backend', ['tensorflow', 'torch', 'jax'])
def test_keras(backend):
    pytest.importorskip('keras')
    pytest.importorskip(backend) if backend != 'tensorflow' else pytest.importorskip('tensorflow')
    runs = all_trained(
        """
import keras
import numpy as np
from thalweg.keras import ThalwegCallback

for built in (True, False):
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Dense(16, activation='tanh', name='inner'), keras.layers.Dense(1, name='outer')]
    model = keras.Sequential(layers)
    if built:
        model.build((None, 8))
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 6, 0.5, staircase=True)
    model.compile(keras.optimizers.SGD(schedule), 'mse', metrics=['mae'])
    random = np.random.default_rng(0)
    x = random.standard_normal((48, 8)).astype('f4')
    model.fit(x, x[:, :1], batch_size=8, epochs=2, callbacks=[ThalwegCallback(pace='every', run=f'built {built}')])
    final(**{v.path: np.ravel(keras.ops.convert_to_numpy(v)) for v in model.trainable_variables})

class Own(keras.Model):
    # Has no optimizer of Keras, and a figure called "step".
    optimizer = None
    def train_step(self, *_):
        weight = self.trainable_variables[0]
        weight.assign(weight + 1)
        return {'step': 1, 'loss': 2}
if keras.backend.backend() == 'tensorflow':
    inputs = keras.Input((8,))
    model = Own(inputs, keras.layers.Dense(1, name='outer')(inputs))
    model._optimizer = None
    model.compile(optimizer=None, steps_per_execution=2)
    model.fit(x, x[:, :1], batch_size=8, callbacks=[ThalwegCallback(pace='every', run='own')])
    final(**{v.path: np.ravel(keras.ops.convert_to_numpy(v)) for v in model.trainable_variables})
""",
        KERAS_BACKEND=backend,
    )
    if backend == 'tensorflow':
        own = runs.pop()
        assert (own.steps, own.open['meta'], own.deltas[0]['metrics']) == ([2, 4, 6], {}, {'loss': 2})
    assert [run.open['run'] for run in runs] == ['built True', 'built False']
    for run in runs:
        assert run.open['meta']['optimizer'] == 'sgd'
        first = 1 if run is runs[0] or backend != 'tensorflow' else 2
        assert run.steps == list(range(first, 13))
        assert [delta['epoch'] for delta in run.deltas] == pytest.approx([step / 6 for step in run.steps])
        assert metric(run, 'learningRate') == pytest.approx([0.1 if step <= 6 else 0.05 for step in run.steps])
        assert set(run.deltas[0]['metrics']) == {'loss', 'mae', 'learningRate'}
        data = [np.concatenate([np.frombuffer(b, '<f4') for b in delta['data']]) for delta in run.deltas]
        assert min(map(np.linalg.norm, data)) > 1e-4, 'every batch moves the weights'


def test_jax():
    pytest.importorskip('jax')
    pytest.importorskip('optax')
    run = trained("""
import jax
import jax.numpy as jnp
import numpy as np
import optax
from thalweg.jax import Recorder

params = {'dense': {'w': jax.random.normal(jax.random.key(0), (8, 4)), 'b': jnp.zeros(4)}, 'scale': [jnp.ones(())]}
optimizer = optax.chain(
    optax.clip_by_global_norm(1.0),
    optax.inject_hyperparams(optax.adam)(learning_rate=optax.exponential_decay(1e-2, 10, 0.5, staircase=True)),
)
state = optimizer.init(params)

@jax.jit
def step(params, state, x):
    loss, gradients = jax.value_and_grad(
        lambda p: jnp.mean((x @ p['dense']['w'] + p['dense']['b']) ** 2) * p['scale'][0] ** 2
    )(params)
    updates, state = optimizer.update(gradients, state)
    return optax.apply_updates(params, updates), state, loss

recorder = Recorder(params, pace='every', meta={'optimizer': 'adam'})
random = np.random.default_rng(0)
for number in range(1, 21):
    params, state, loss = step(params, state, random.standard_normal((16, 8)).astype('f4'))
    recorder.record(number, params, state, epoch=number / 10, loss=loss)
recorder.close()
final(**{'dense/w': params['dense']['w'].ravel()},
      **{'dense/b': params['dense']['b'], 'scale/0': params['scale'][0].ravel()})
""")
    assert run.names == ['dense/b', 'dense/w', 'scale/0']
    assert metric(run, 'learningRate') == pytest.approx([1e-2] * 10 + [5e-3] * 10)
    assert metric(run, 'loss')[-1] < metric(run, 'loss')[0]


def test_flax_and_bfloat16():
    pytest.importorskip('flax')
    pytest.importorskip('optax')
    run = trained("""
import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import linen, nnx
from thalweg.jax import Recorder

class Net(nnx.Module):
    def __init__(self, rngs):
        self.linear = nnx.Linear(8, 4, param_dtype=jnp.bfloat16, rngs=rngs)
    def __call__(self, x):
        return self.linear(x)

model = Net(nnx.Rngs(0))
optimizer = nnx.Optimizer(model, optax.sgd(0.1), wrt=nnx.Param)
recorder = Recorder(nnx.state(model, nnx.Param), pace='every')
for number in range(1, 9):
    x = np.random.default_rng(number).standard_normal((16, 8)).astype('f4')
    loss, gradients = nnx.value_and_grad(lambda m: jnp.mean(m(x) ** 2))(model)
    optimizer.update(model, gradients)
    recorder.record(number, nnx.state(model, nnx.Param), loss=loss)
recorder.close()
final(**{'linear/kernel': np.asarray(model.linear.kernel[...], 'f4').ravel()})
""")
    assert run.steps == list(range(1, 9))


def test_arrays_of_jax_in_a_list_are_refused_with_what_to_do():
    jnp = pytest.importorskip('jax.numpy')
    from thalweg import Stream

    with pytest.raises(ValueError, match=r'do not change in place.*thalweg\.jax'):
        Stream([('w', jnp.zeros(3))], out='/dev/null')
