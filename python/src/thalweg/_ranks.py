"""The rank of this process in a distributed job."""

from __future__ import annotations

import os
import sys

LAUNCHERS = (
    ('RANK', 'WORLD_SIZE'),
    ('OMPI_COMM_WORLD_RANK', 'OMPI_COMM_WORLD_SIZE'),
    ('SLURM_PROCID', 'SLURM_NTASKS'),
)


def own_rank() -> int:
    """The rank according to torch.distributed, if it is running, or else to torchrun, mpirun or srun. 0 if there is
    only one process.
    """
    torch = sys.modules.get('torch')
    if torch is not None and torch.distributed.is_available() and torch.distributed.is_initialized():
        return int(torch.distributed.get_rank())
    for own, all_of_them in LAUNCHERS:
        number = os.environ.get(own, '')
        if number.isdigit() and os.environ.get(all_of_them, '1') != '1':
            return int(number)
    return 0
