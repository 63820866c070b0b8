from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.dont_write_bytecode = True


@pytest.fixture
def torch():
    torch = pytest.importorskip('torch')
    torch.set_num_threads(1)
    torch.manual_seed(0)
    return torch
