"""What must not be shown of an address and its credential, in any form in which a server may send it back."""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Iterable

SHORTEST_SECRET = 4
"""In characters. A shorter word in a query, such as a version, is not a secret, and occurs in other words too."""

LONGEST_MESSAGE = 300

ESCAPED = r'(?:%(?:25)*[0-9a-f]{2}|&#?\w{1,8};|\\+u[0-9a-f]{4}|[^a-z0-9]){1,60}?'
"""What may stand between letters and digits: other characters, also in the escaped forms of URLs, HTML and JSON."""


class Secrets:
    """Removes secret words from a server's texts. `add` adds a word of any length."""

    def __init__(self, words: Iterable[str]) -> None:
        self._patterns: set[str] = set()
        for word in words:
            if len(word) >= SHORTEST_SECRET:
                self.add(word)

    def add(self, word: str) -> None:
        self._patterns |= {pattern_of(word), pattern_of(urllib.parse.unquote_plus(word))}

    def clean(self, text: str) -> str:
        """The text as one line of at most 300 characters, without control characters and secrets."""
        if self._patterns:
            longest_first = sorted(self._patterns, key=len, reverse=True)
            text = re.sub('|'.join(longest_first), '***', text, flags=re.IGNORECASE)
        return ' '.join(''.join(c if c.isprintable() else ' ' for c in text).split())[:LONGEST_MESSAGE]


def pattern_of(word: str) -> str:
    runs = re.findall('[A-Za-z0-9]+', word)
    return ESCAPED.join(runs) if runs else re.escape(word)


def words_of_query(query: str) -> list[str]:
    """The values in a query, and names that have no value."""
    pairs = [pair.partition('=') for pair in re.split('[&;]', query)]
    return [value or name for name, _, value in pairs]
