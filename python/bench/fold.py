"""What folding a model costs beside the optimizer's step, on whatever device there is.

$ python python/bench/fold.py [--weights 1e8] [--rows 65536]
"""

from __future__ import annotations

import argparse
import io
import time
from typing import Any, Callable

import torch
from torch import nn

from thalweg import Stream


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--weights', type=float, default=1e8)
    parser.add_argument('--rows', type=int, default=2**16)
    parser.add_argument('--dtype', choices=['float32', 'bfloat16'], default='float32')
    args = parser.parse_args()
    torch.set_num_threads(1)
    device = 'cuda' if torch.cuda.is_available() else 'cpu'
    side = 4096
    layers = max(1, round(args.weights / side**2))
    weights = [torch.randn(side, side, device=device, dtype=getattr(torch, args.dtype)) for _ in range(layers)]
    parameters = nn.ParameterList(nn.Parameter(weight) for weight in weights)
    for parameter in parameters:
        parameter.grad = torch.randn_like(parameter)
    optimizer = torch.optim.AdamW(parameters, 1e-4)
    before = [parameter.detach().double() for parameter in parameters]
    out = Counting()
    stream = Stream(parameters, out=out, fold=args.rows, strict=True)
    optimizer.step()
    stream.record(1)
    true = sum(float((p.detach().double() - b).square().sum()) for p, b in zip(parameters, before)) ** 0.5
    del before
    sketched = float(torch.from_numpy(out.last_delta(args.rows)).double().norm())
    steps, folds = [], []
    for _ in range(5):
        steps.append(seconds(optimizer.step))
        folds.append(seconds(stream.record))
    count = sum(parameter.numel() for parameter in parameters)
    step, fold = min(steps), min(folds)
    print(f'{count:,} weights, {args.dtype}, on {device}, one thread')
    print(f'AdamW step   {step * 1e3:9.1f} ms   {step / count * 1e9:6.2f} ns a weight')
    print(f'fold, send   {fold * 1e3:9.1f} ms   {fold / count * 1e9:6.2f} ns a weight   {fold / step:.0%} of it')
    print(f'bytes a step {out.sizes[-1]:9,}      norm {sketched / true:.4f} of the true one')


class Counting(io.RawIOBase):
    """Keeps the last frame and the sizes of all."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self._last = b''

    def write(self, data: Any) -> int:
        self._last = bytes(data)
        self.sizes.append(len(data))
        return len(data)

    def last_delta(self, rows: int) -> Any:
        import numpy as np

        return np.frombuffer(self._last[-4 * rows :], '<f4').copy()


def seconds(act: Callable[[], Any]) -> float:
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    began = time.perf_counter()
    act()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - began


if __name__ == '__main__':
    main()
