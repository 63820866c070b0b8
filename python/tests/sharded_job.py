"""Trainings whose models are sharded, one after another: torchrun ... sharded_job.py FOLDER LAYOUT[-ACTION] ...

FOLDER   where each leaves its stream, its weights at the end, and what each process said
LAYOUT   one: a single process; fsdp, tp, both, hsdp: how the weights lie over the processes
ACTION   full: the file is a full disk; whole: without fold; freeze, add, nan: what happens at step 4; optimizer
"""

from __future__ import annotations

import contextlib
import os
import sys
import traceback

import numpy as np
import torch
import torch.distributed as dist
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import DTensor
from torch.distributed.tensor.parallel import ColwiseParallel, RowwiseParallel, parallelize_module

from models import mlp
from thalweg import Stream

STEPS, INPUTS = 8, 18
RANK = int(os.environ.get('RANK', 0))


def main() -> None:
    folder, *jobs = sys.argv[1:]
    torch.set_num_threads(1)
    if 'RANK' in os.environ:
        dist.init_process_group('gloo')
    for job in jobs:
        with open(f'{folder}/{job}.said-{RANK}', 'w') as said, contextlib.redirect_stderr(said):
            try:
                train(f'{folder}/{job}', *(*job.split('-'), '')[:2])
            except Exception:
                traceback.print_exc()
        if dist.is_initialized():
            dist.barrier()
    if dist.is_initialized():
        dist.destroy_process_group()


def train(path: str, layout: str, action: str) -> None:
    torch.manual_seed(0)
    model = shard(mlp(INPUTS, 132, 46, 5), layout)
    optimizer = torch.optim.AdamW(model.parameters(), 1e-2, foreach=False)
    out = '/dev/full' if action == 'full' else f'{path}.thalweg'
    options = {} if action == 'whole' else {'fold': {'**.weight': 512, '**': 128}, 'sample': 40, 'seed': 3}
    if action == 'optimizer':
        options['optimizer'] = optimizer
    stream = Stream(model, out=out, anchor=5, **options)
    torch.manual_seed(1)
    for step in range(1, STEPS + 1):
        loss = model(torch.randn(32, INPUTS)).square().mean()
        optimizer.zero_grad()
        loss.backward()
        if step == 4:
            act(model, action)
        optimizer.step()
        with torch.no_grad():
            model(torch.randn(2, INPUTS))  # leaves FSDP2 with whole parameters in its modules
        stream.record(step, loss=loss.item())
    stream.close()
    whole = {name: full(weight) for name, weight in model.named_parameters()}
    if RANK == 0:
        np.savez(f'{path}.npz', **whole)


def full(weight: torch.Tensor) -> np.ndarray:
    return (weight.full_tensor() if isinstance(weight, DTensor) else weight).detach().numpy().ravel()


def shard(model: torch.nn.Sequential, layout: str) -> torch.nn.Sequential:
    if layout == 'one':
        return model
    world = dist.get_world_size()
    if layout == 'fsdp':
        for layer in model:
            fully_shard(layer)
        return fully_shard(model)
    if layout == 'hsdp':
        return fully_shard(
            model,
            mesh=init_device_mesh('cpu', (2, world // 2), mesh_dim_names=('dp', 'shard')),
        )
    plan = {'0': ColwiseParallel(), '2': RowwiseParallel()}
    if layout == 'tp':
        return parallelize_module(model, init_device_mesh('cpu', (world,)), plan)
    mesh = init_device_mesh('cpu', (2, world // 2), mesh_dim_names=('dp', 'tp'))
    parallelize_module(model, mesh['tp'], plan)
    return fully_shard(model, mesh=mesh['dp'])


def act(model: torch.nn.Sequential, action: str) -> None:
    if action == 'freeze':
        model[2].requires_grad_(False)
    if action == 'add':
        model.register_parameter('scale', torch.nn.Parameter(torch.ones(())))
    if action == 'nan':
        weight = model[4].bias
        local = weight.to_local() if isinstance(weight, DTensor) else weight
        if local.numel() > 0 and RANK == 0:
            local.data[0] = float('nan')


main()
sys.stderr.flush()
# FSDP2 leaves tensors to threads of gloo, and torch aborts the process where one is let go of while Python ends.
os._exit(0)
