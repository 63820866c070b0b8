"""`python -m thalweg vendor thalweg.py` makes one file to drop beside a script."""

from __future__ import annotations

import sys
from pathlib import Path

from . import __version__
from ._vendor import vendored

# If the output were redirected into thalweg.py, the shell would create it empty before Python starts, and Python would
# import it instead of the package.
USAGE = 'usage: python -m thalweg vendor thalweg.py\n'


def main(arguments: list[str]) -> int:
    if arguments[:1] != ['vendor'] or len(arguments) > 2:
        sys.stderr.write(USAGE)
        return 2
    source = vendored(__version__)
    if len(arguments) == 1:
        sys.stdout.write(source)
        return 0
    try:
        Path(arguments[1]).write_text(source, 'utf-8')
    except OSError as error:
        sys.stderr.write(f'{arguments[1]} cannot be written: {error.strerror}\n')
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
