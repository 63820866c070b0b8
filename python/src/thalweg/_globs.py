from __future__ import annotations

import re


def glob_to_pattern(glob: str) -> re.Pattern[str]:
    """Converts a glob over tensor names, as in Thalweg's pipelines, to a pattern. Both `.` and `/` are separators.

    `*` and `?` match within a segment, `**` matches across segments, `{a,b}` and `[0-9]` have their usual meaning.
    `**.bias` also matches `bias`. Raises re.error if the glob is not valid.
    """
    source, i = '', 0
    while i < len(glob):
        c = glob[i]
        if glob.startswith('**', i):
            separated = glob[i + 2 : i + 3] in ('.', '/')
            source += '(?:.*[./])?' if separated else '.*'
            i += 2 if separated else 1
        elif c == '*':
            source += '[^./]*'
        elif c == '?':
            source += '[^./]'
        elif c in './':
            source += '[./]'
        elif c == '{':
            source += '(?:'
        elif c == '}':
            source += ')'
        elif c == ',' and glob.rfind('{', 0, i) > glob.rfind('}', 0, i) and '}' in glob[i:]:
            source += '|'
        elif c in '[]-':
            source += c
        else:
            source += re.escape(c)
        i += 1
    return re.compile(f'(?:{source})\\Z')
