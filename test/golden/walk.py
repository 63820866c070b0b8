"""The null: a Gaussian walk with every weight's own step variance and every step's norm."""

import numpy as np


def walk(deltas, block, random):
    """Steps x_ij = g_ij s_i c_j with Gaussian g.

    s_i^2 is row i's mean square step from the start to the end of the block that j lies in; c_j is
    such that step j has the norm of the real one.
    """
    squares = np.zeros(len(deltas))
    steps = np.empty_like(deltas)
    for first in range(0, deltas.shape[1], block):
        real = deltas[:, first : first + block]
        squares += np.sum(real * real, axis=1)
        deviation = np.sqrt(squares / (first + real.shape[1]))
        drawn = random.standard_normal(real.shape) * deviation[:, None]
        steps[:, first : first + block] = drawn * (
            np.linalg.norm(real, axis=0) / np.linalg.norm(drawn, axis=0)
        )
    return steps
