from __future__ import annotations

import re


def glob_to_pattern(glob: str) -> re.Pattern[str]:
    """A glob over tensor names as Thalweg's pipelines have it, in which `.` and `/` both separate.

    `*` and `?` stay within a segment, `**` crosses segments, `{a,b}` and `[0-9]` as usual. `**.bias` matches `bias`
    too. Raises re.error for what is no glob.
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
