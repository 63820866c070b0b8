"""The monkey, for a few seeds; `python python/tests/monkey.py` lets it go on."""

from __future__ import annotations

import subprocess
import sys

import pytest

from support import HERE, environment


def test_random_events_change_no_weight_and_spoil_no_analysis():
    pytest.importorskip('torch')
    command = [sys.executable, '-B', str(HERE / 'monkey.py'), '--seeds', '0', '3']
    done = subprocess.run(command, capture_output=True, timeout=300, env=environment())
    assert done.returncode == 0, (done.stdout + done.stderr).decode()
    assert b'3 trainings, 0 ended with other weights' in done.stdout
