"""`python -m thalweg vendor > thalweg.py` makes one file to drop beside a script."""

from __future__ import annotations

import sys

from . import __version__
from ._vendor import vendored

USAGE = 'usage: python -m thalweg vendor > thalweg.py\n'


def main(arguments: list[str]) -> int:
    if arguments != ['vendor']:
        sys.stderr.write(USAGE)
        return 2
    sys.stdout.write(vendored(__version__))
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
