"""What NumPy says of the metrics of weights and of a hidden Markov model; JSON in on stdin, JSON out.

phases.py metrics     {"matrices": [[[...]]], "biases": [[...]]} -> the fourteen metrics
phases.py likelihood  {"model": ..., "looks": [[...]]} -> ln p by the forward recursion in logarithms
"""
import json
import sys

import numpy as np


def metrics(matrices, biases):
    matrices = [np.array(m) for m in matrices]
    values = [np.linalg.svd(m, compute_uv=False) for m in matrices]
    values = [np.where(v < 1e-5, 0, v) for v in values]
    traces = [np.trace(m) for m in matrices]
    weights = np.concatenate([m.ravel() for m in matrices])
    biases = np.concatenate([np.array(b) for b in biases])
    norms = [(np.abs(m).sum(), np.sqrt((m**2).sum())) for m in matrices]

    def spread(x):
        return [x.mean(), np.sort(x)[(x.size - 1) // 2], x.var()]

    return [
        np.mean([a for a, _ in norms]),
        np.mean([b for _, b in norms]),
        np.mean([a / b for a, b in norms]),
        np.mean(traces),
        np.mean([v[0] for v in values]),
        np.mean([t / v[0] for t, v in zip(traces, values)]),
        np.mean([v.mean() for v in values]),
        np.mean([v.var() for v in values]),
        *spread(weights),
        *spread(biases),
    ]


def likelihood(model, looks):
    d = len(model["means"][0])
    looks = np.array(looks)
    logs = []
    for mean, covariance in zip(model["means"], model["covariances"]):
        covariance = np.diag(covariance) if len(covariance) == d else np.reshape(covariance, (d, d))
        apart = looks - np.array(mean)
        squares = np.einsum("ti,ij,tj->t", apart, np.linalg.inv(covariance), apart)
        logs.append(-(squares + np.linalg.slogdet(2 * np.pi * covariance)[1]) / 2)
    logs = np.array(logs).T
    with np.errstate(divide="ignore"):
        moves = np.log(np.array(model["transitions"]))
        forward = np.log(np.array(model["start"])) + logs[0]
    for row in logs[1:]:
        forward = np.logaddexp.reduce(forward[:, None] + moves, axis=0) + row
    return np.logaddexp.reduce(forward)


given = json.load(sys.stdin)
command = {"metrics": metrics, "likelihood": likelihood}[sys.argv[1]]
found = command(**given)
json.dump([float(x) for x in np.atleast_1d(found)], sys.stdout)
