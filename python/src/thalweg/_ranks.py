"""Which of the processes of a job this one is."""

from __future__ import annotations

import os
import sys

LAUNCHERS = (
    ('RANK', 'WORLD_SIZE'),
    ('OMPI_COMM_WORLD_RANK', 'OMPI_COMM_WORLD_SIZE'),
    ('SLURM_PROCID', 'SLURM_NTASKS'),
)


def own_rank() -> int:
    """By torch.distributed where it runs, else by what torchrun, mpirun or srun say; 0 alone."""
    torch = sys.modules.get('torch')
    if torch is not None and torch.distributed.is_available() and torch.distributed.is_initialized():
        return int(torch.distributed.get_rank())
    for own, all_of_them in LAUNCHERS:
        number = os.environ.get(own, '')
        if number.isdigit() and os.environ.get(all_of_them, '1') != '1':
            return int(number)
    return 0
