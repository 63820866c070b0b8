from __future__ import annotations

import sys
from contextlib import suppress
from typing import Any


def say(what: str) -> None:
    """Writes a sentence to stderr. Without stderr it is lost."""
    if sys.stderr is None:
        return
    with suppress(Exception):
        print(f'thalweg: {what}', file=sys.stderr, flush=True)


class Voice:
    """Says each thing once."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def once(self, about: str, what: str) -> None:
        if about not in self._said:
            self._said.add(about)
            say(what)


def cause(error: BaseException) -> str:
    """An error's type and message in one line, or only its type if there is no message."""
    words = ' '.join(str(error).split())
    name = type(error).__name__
    return f'{name}: {words[:300]}' if words else name


def counted(count: int, noun: str) -> str:
    return f'{count:,} {noun}' if count == 1 else f'{count:,} {noun}s'


def shown(names: Any, most: int = 3) -> str:
    """The first names of a list, quoted, and the number of the others."""
    names = list(names)
    text = ', '.join(f'"{name}"' for name in names[:most])
    return text if len(names) <= most else f'{text} and {len(names) - most} more'
