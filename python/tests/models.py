"""Small networks that are trained for real."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn


def mlp(*widths: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for inner, outer in zip(widths, widths[1:]):
        layers += [nn.Linear(inner, outer), nn.Tanh()]
    return nn.Sequential(*layers[:-1])


def train_step(model: nn.Module, optimizer: Any, inputs: int) -> torch.Tensor:
    loss = model(torch.randn(16, inputs)).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss
