"""Reads and writes recorded streams, by the wire format's description alone."""

from dataclasses import dataclass

import msgpack
import numpy as np


@dataclass
class Recording:
    """A run's first weights (D) and deltas (D x T) of one member, in float64."""

    name: str
    tensors: list
    steps: list
    start: int
    weights: np.ndarray
    deltas: np.ndarray
    epochs: list | None = None

    @property
    def positions(self):
        """w - w0 after every step: D x T."""
        return np.cumsum(self.deltas, axis=1)

    def row(self, name, index):
        """The row of a tensor's element."""
        names = [tensor['name'] for tensor in self.tensors]
        return int(self.first_rows()[names.index(name)]) + int(index)

    def label(self, row):
        """The name of a row's tensor and its element there, as `row` takes them."""
        firsts = self.first_rows()
        tensor = int(np.searchsorted(firsts, row, side='right')) - 1
        return f'{self.tensors[tensor]["name"]}:{row - firsts[tensor]}'

    def looked(self, steps=None, epochs=None):
        """Places of the columns after every so many steps, or of the first in every so many epochs."""
        if epochs is None:
            return np.arange(steps or 1, len(self.steps) + 1, steps or 1) - 1
        numbers = np.floor(np.array(self.epochs) / epochs)
        return np.flatnonzero(np.diff(numbers, prepend=-1) > 0)

    def first_rows(self):
        """Where each tensor's rows begin, and where the last one's end."""
        return np.cumsum([0] + [size(tensor) for tensor in self.tensors])


def read(path, member=0):
    """The recording in a file that holds one run without gaps."""
    opened, weights, columns, steps, epochs, partial = None, None, [], [], [], []
    with open(path, 'rb') as file:
        for frame in msgpack.Unpacker(file, max_buffer_size=2**31 - 1):
            if frame['kind'] == 'open':
                opened = frame
            if frame['kind'] not in ('anchor', 'delta') or frame.get('member', 0) != member:
                continue
            partial.append(frame)
            if frame.get('more'):
                continue
            values = vector(opened['tensors'], partial)
            partial = []
            if frame['kind'] == 'delta':
                steps.append(frame['step'])
                epochs.append(frame.get('epoch'))
                columns.append(values)
            elif weights is None:
                start, weights = frame['step'], values
    deltas = np.stack(columns, axis=1)
    return Recording(opened['run'], opened['tensors'], steps, start, weights, deltas, epochs)


def write(path, recording):
    """A recording as a stream of float32 deltas."""
    rows = recording.first_rows()

    def payloads(values):
        return [values[a:b].astype('<f4').tobytes() for a, b in zip(rows, rows[1:])]

    tensors = [{**tensor, 'dtype': 'f32'} for tensor in recording.tensors]
    with open(path, 'wb') as file:
        pack = msgpack.Packer().pack
        file.write(pack({'kind': 'open', 'version': 1, 'run': recording.name, 'tensors': tensors}))
        base = recording.start
        file.write(pack({'kind': 'anchor', 'step': base, 'data': payloads(recording.weights)}))
        epochs = recording.epochs or [None] * len(recording.steps)
        for step, epoch, delta in zip(recording.steps, epochs, recording.deltas.T):
            facts = {'step': step, 'base': base} | ({} if epoch is None else {'epoch': epoch})
            file.write(pack({'kind': 'delta', **facts, 'data': payloads(delta)}))
            base = step
        file.write(pack({'kind': 'close', 'frames': 1 + len(recording.steps)}))


def vector(tensors, frames):
    """One step's values, from all its parts."""
    values = [np.zeros(size(tensor)) for tensor in tensors]
    for frame in frames:
        for index, payload in enumerate(frame['data'], start=frame.get('at', 0)):
            dtype = frame.get('dtype') or tensors[index]['dtype']
            if isinstance(payload, bytes):
                values[index][:] = decode(payload, dtype)
            elif payload is not None and 'i' in payload:
                values[index][np.frombuffer(payload['i'], '<u4')] = decode(payload['v'], dtype)
            elif payload is not None:
                part = decode(payload['b'], dtype)
                values[index][payload['o'] : payload['o'] + len(part)] = part
    return np.concatenate(values)


def decode(payload, dtype):
    if dtype == 'bf16':
        return (np.frombuffer(payload, '<u2').astype('<u4') << 16).view('<f4')
    return np.frombuffer(payload, {'f32': '<f4', 'f64': '<f8', 'f16': '<f2'}[dtype])


def size(tensor):
    return int(np.prod(tensor['shape'], dtype=np.int64))
