"""Streams the weight deltas of a training run to Thalweg. Needs msgpack and NumPy.

    stream = Stream(model, meta={'optimizer': 'sgd', 'learningRate': 0.1})
    for step in range(1, steps + 1):
        ...                                            # train as ever
        stream.record(step, loss=loss.item())
    stream.close()

    $ python train.py | thalweg run

A model is a PyTorch module, a list of (name, array) that training changes in place (NumPy arrays,
Keras variables), or a function that returns such pairs (JAX). Make the stream before you print.
"""

import functools
import os
import sys

import msgpack
import numpy as np

PART_BYTES = 2**24
CODES = {'f32': '<f4', 'f64': '<f8', 'f16': '<f2', 'bf16': '<u2'}


class Stream:
    """One run. Several models are its members, such as a network and its perturbed twin.

    coupled  whether the members see the same batches and noise
    start    the step that the weights are of now
    anchor   recorded steps between two anchors, which carry the weights themselves
    dtype    element type of the deltas, such as 'f16' or 'bf16'; default: that of the weights
    out      a binary file object; default: stdout
    meta     facts about the run: optimizer, learningRate, momentum, batchSize, seed, epsilon, ...
    """

    def __init__(
        self, *models, run='run', coupled=False, start=0, anchor=100, dtype=None, out=None, meta=()
    ):
        self.out = take_stdout() if out is None else out
        self.members = [reader(model) for model in models]
        self.previous = [[np.empty_like(flat(w)) for _, w in read()] for read in self.members]
        self.part = np.empty(PART_BYTES, np.uint8)
        self.step, self.anchor_every, self.dtype = start, anchor, dtype
        self.recorded = self.frames = 0
        tensors = [
            {'name': name, 'shape': list(weight.shape), 'dtype': own_dtype(flat(weight))}
            for name, weight in self.members[0]()
        ]
        about = {'members': len(models), 'coupled': coupled, 'meta': dict(meta)}
        self._write({'kind': 'open', 'version': 1, 'run': run, 'tensors': tensors, **about})
        self.anchor()

    def record(self, step, epoch=None, **metrics):
        """Sends what the weights have moved by since the last recorded step."""
        facts = {'base': self.step, 'epoch': epoch, 'dtype': self.dtype}
        facts = {key: value for key, value in facts.items() if value is not None}
        figures = {name: float(value) for name, value in metrics.items()}
        self.step, self.recorded = int(step), self.recorded + 1
        for member in range(len(self.members)):
            own = {'metrics': figures} if figures and member == 0 else {}
            self._send('delta', member, difference, {**facts, **own})
        if self.recorded % self.anchor_every == 0:
            self.anchor()

    def anchor(self):
        """Sends the weights themselves."""
        for member in range(len(self.members)):
            self._send('anchor', member, absolute, {})

    def close(self):
        """Ends the run; a stream that is not closed counts as cut off."""
        self._write({'kind': 'close', 'frames': self.frames - 1})
        self.out = None

    def _send(self, kind, member, encode, facts):
        """Sends a step of a member in parts of at most 16 MiB, so that any size passes."""
        if self.out is None:
            return
        head = {'kind': kind, 'step': self.step, 'member': member, **facts}
        at, used, data = 0, 0, []
        for index, (_, weight) in enumerate(self.members[member]()):
            weight, previous = flat(weight), self.previous[member][index]
            code = np.dtype(CODES[head.get('dtype') or own_dtype(weight)])
            length = PART_BYTES // code.itemsize
            for offset in range(0, max(weight.size, 1), length):
                here = slice(offset, offset + length)
                size = weight[here].size * code.itemsize
                if used + size > PART_BYTES:
                    self._write({**head, 'at': at, 'more': True, 'data': data})
                    at, used, data = index, 0, []
                values = self.part[used : used + size]
                encode(weight[here], previous[here], values.view(code))
                whole = weight.size <= length
                data.append(values.data if whole else {'o': offset, 'b': values.data})
                used += size
        self._write({**head, 'at': at, 'data': data})

    def _write(self, frame):
        if self.out is None:
            return
        rest = memoryview(msgpack.packb(frame))
        try:
            while rest:
                rest = rest[self.out.write(rest) :]
            self.out.flush()
            self.frames += 1
        except ConnectionError:
            self.out = None  # the reader has gone, and training goes on


def absolute(weight, previous, values):
    """An anchor's values."""
    previous[:] = values[:] = weight


def difference(weight, previous, values):
    """A delta's values. `previous` moves by what is sent; the next delta makes up for rounding."""
    if values.dtype == np.uint16:
        bits = (weight - previous).astype('<f4').view('<u4')
        nearest = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16
        nan = bits & 0x7FFFFFFF > 0x7F800000  # rounding would carry it into the sign
        values[:] = np.where(nan, 0x7FC0, nearest)
        previous += (values.astype('<u4') << 16).view('<f4')
    else:
        previous += np.subtract(weight, previous, out=values)


def reader(model):
    """A function that returns a model's (name, weight) pairs as they are now."""
    if hasattr(model, 'named_parameters'):
        return lambda: [pair for pair in model.named_parameters() if pair[1].requires_grad]
    return model if callable(model) else lambda: model


def flat(weight):
    """A weight as one row of float32 or float64, copied only where it lies or looks otherwise."""
    if hasattr(weight, 'detach'):
        weight = weight.detach().cpu()
        weight = weight.float() if weight.element_size() < 4 else weight  # NumPy knows no bfloat16
    row = np.asarray(weight).reshape(-1)
    return row.astype('<f8' if row.dtype == np.float64 else '<f4', copy=False)


def own_dtype(array):
    return 'f64' if array.dtype == np.float64 else 'f32'


@functools.cache
def take_stdout():
    """A duplicate of fd 1 for the stream alone; fd 1 leads to stderr now, where print() is safe."""
    if os.isatty(1):
        raise RuntimeError('stdout is a terminal. Pipe it: python train.py | thalweg run')
    stream = os.fdopen(os.dup(1), 'wb', buffering=0)
    os.dup2(2, 1)
    sys.stdout.reconfigure(line_buffering=True)
    return stream
