"""Modes of a stream as `cmd` finds them, in float64 and by its description alone.

A truncated factor of the centred positions, a row for each weight scaled to its own energy, follows the
stream block by block; references are a greedy cover of a sample of its rows, improved by exchange.
"""

from typing import NamedTuple

import numpy as np

MASK = 0xFFFFFFFF


class Settings(NamedTuple):
    modes: int = 10
    warmup: int = 20
    samples: int = 1000
    columns: int = 8
    block: int = 16
    seed: int = 0


def stream(positions, settings):
    """The references after the last block, and the fit of every weight to the best of them by the factor."""
    factor, chosen = Factor(len(positions), settings.columns), np.empty(0, int)
    for first in range(0, positions.shape[1], settings.block):
        factor.push(positions[:, first : first + settings.block])
        if factor.count >= settings.warmup and np.any(factor.energy > 0):
            chosen = choose(factor, chosen, settings)
    correlation = np.abs(factor.rows @ factor.rows[chosen].T)
    best = np.minimum(1, correlation.max(axis=1))
    moved = factor.energy > 0
    share = factor.energy / factor.energy.sum()
    return chosen, float(np.sum(share * best**2)), float(best[moved].mean()), factor


def chance(factor, settings, random, draws=16, pool=20_000):
    """What as many modes explain of rows without groups: normal vectors, scaled, of the same second moments."""
    drawn = sample(factor.energy, settings.samples, settings.seed)
    mean = factor.energy.sum() / np.sum(factor.energy > 0)
    shares = factor.energy[drawn] / (factor.energy[drawn] + mean)
    shares /= shares.sum()
    rows = factor.rows[drawn]
    asked = np.linalg.eigvalsh(rows.T @ (shares[:, None] * rows))
    left = max(0, 1 - asked.sum())
    squares = random.standard_normal((pool, len(asked))) ** 2
    variances, rest = asked.copy(), left
    for _ in range(200):
        parts = squares * variances
        length = parts.sum(axis=1) + rest
        found = (parts / length[:, None]).mean(axis=0)
        variances *= asked / found
        if left > 0:
            rest *= left / (rest / length).mean()
        total = variances.sum() + rest
        variances, rest = variances / total, rest / total
    different, place = np.unique(drawn, return_inverse=True)
    explained = []
    for _ in range(draws):
        z = random.standard_normal((len(different), len(asked))) * np.sqrt(variances)
        z /= np.sqrt((z**2).sum(axis=1) + rest)[:, None]
        chosen = search(z[place], z[:0], settings, drawn)[1]
        explained.append(float(np.sum(shares * np.max((z[place] @ chosen.T) ** 2, axis=1))))
    return explained


class Factor:
    """Rows b_i: <b_i, b_j> is the correlation of the positions of weights i and j so far."""

    def __init__(self, weights, columns):
        self.columns, self.count = columns, 0
        self.mean, self.energy = np.zeros(weights), np.zeros(weights)
        self.rows = np.zeros((weights, 0))

    def push(self, positions):
        if self.count == 0:
            self.mean = positions[:, 0].copy()
        n, new = self.count, positions.shape[1]
        own = positions.mean(axis=1)
        shift = own - self.mean
        entering = np.column_stack(
            [
                self.rows * np.sqrt(self.energy)[:, None],
                positions - own[:, None],
                shift * np.sqrt(n * new / (n + new)),
            ]
        )
        self.energy = self.energy + np.sum(entering[:, self.rows.shape[1] :] ** 2, axis=1)
        self.mean = self.mean + shift * new / (n + new)
        self.count = n + new
        scale = np.divide(1, np.sqrt(self.energy), where=self.energy > 0, out=np.zeros(len(own)))
        entering *= scale[:, None]
        squares, vectors = np.linalg.eigh(entering.T @ entering)
        kept = np.argsort(-squares)[: self.columns]
        self.rows = entering @ vectors[:, kept[squares[kept] > 1e-12 * squares.max()]]


def choose(factor, before, settings):
    """Rows that explain most of a sample: the earlier references, more of them, and better ones."""
    drawn = sample(factor.energy, settings.samples, settings.seed)
    candidates = np.concatenate([drawn[candidates_of(drawn, settings)], before])
    return candidates[search(factor.rows[drawn], factor.rows[before], settings, drawn)[0]]


def candidates_of(drawn, settings):
    """Places in a sample: of its different rows some, evenly spaced."""
    different = np.unique(drawn, return_index=True)[1]
    taken = min(max(128, 4 * settings.modes), len(different))
    return different[np.arange(taken) * len(different) // taken]


def search(rows, before, settings, drawn):
    """Numbers of the candidates that cover sampled rows, those from before coming last, and their rows."""
    own = candidates_of(drawn, settings)
    candidates = np.concatenate([rows[own], before])
    likeness = np.minimum(1, (rows @ candidates.T) ** 2)
    chosen = list(range(len(own), len(candidates)))

    def totals(members):
        best = likeness[:, members].max(axis=1, initial=0)
        return np.maximum(best[:, None], likeness).sum(axis=0)

    while len(chosen) < settings.modes:
        sums = totals(chosen)
        covered = sums[chosen[0]] if chosen else 0
        if sums.max() - covered <= 1e-6 * len(rows):
            break
        chosen.append(int(sums.argmax()))
    for place in 2 * list(range(len(chosen))):
        sums = totals(chosen[:place] + chosen[place + 1 :])
        if sums.max() > sums[chosen[place]] * 1.001:
            chosen[place] = int(sums.argmax())
    return chosen, candidates[chosen]


def sample(energy, count, seed):
    """Rows by their shares of energy and of number, half and half, one in each of `count` equal intervals."""
    moving = energy > 0
    shares = (energy / energy.sum() + moving / moving.sum()) / 2
    points = [(k + mix(seed ^ mix(k + 1)) / 2**32) / count for k in range(count)]
    ends = np.cumsum(shares)
    return np.searchsorted(ends, np.array(points) * ends[-1], side='right').clip(0, len(ends) - 1)


def mix(word):
    """MurmurHash3's finaliser."""
    word ^= word >> 16
    word = word * 0x85EBCA6B & MASK
    word ^= word >> 13
    word = word * 0xC2B2AE35 & MASK
    return word ^ word >> 16
