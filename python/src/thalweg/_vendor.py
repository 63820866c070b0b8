"""Joins the package's modules into one file that can be placed beside a script."""

from __future__ import annotations

import ast
from pathlib import Path

HEADER = """# thalweg.py: the Python package thalweg {version} as one file, by `python -m thalweg vendor thalweg.py`.
# Needs NumPy and msgpack. MIT licence. The callbacks of frameworks are in the package alone.

from __future__ import annotations
"""

# `python -m thalweg` in the same folder runs this file.
FOOTER = """

if __name__ == '__main__':
    raise SystemExit('thalweg.py is the package in one file. To remake it, run `python -m thalweg vendor` elsewhere')
"""


def vendored(version: str) -> str:
    """The source of everything that `thalweg` exports, without imports between modules."""
    folder = Path(__file__).parent
    paths: list[Path] = []
    gather(folder / '__init__.py', paths)
    modules = [path for path in paths if path.stem != '__init__']
    imports = sorted({line for path in modules for line in imports_of(path)})
    return '\n'.join([HEADER.format(version=version), *imports, *map(body_of, modules), FOOTER])


def gather(path: Path, done: list[Path]) -> None:
    """Adds a module after those that it imports."""
    if path in done:
        return
    for node in ast.parse(path.read_text('utf-8')).body:
        if is_own(node):
            gather(path.parent / f'{node.module}.py', done)  # type: ignore[attr-defined]
    done.append(path)


def is_own(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.level > 0


def imports_of(path: Path) -> list[str]:
    """The external imports of a module, one name per line."""
    lines: list[str] = []
    for node in ast.parse(path.read_text('utf-8')).body:
        if isinstance(node, ast.Import):
            lines += [f'import {ast.unparse(name)}' for name in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module != '__future__':
            lines += [f'from {node.module} import {ast.unparse(name)}' for name in node.names]
    return lines


def body_of(path: Path) -> str:
    """A module's source without its imports. Its docstring becomes a comment."""
    source = path.read_text('utf-8')
    tree = ast.parse(source)
    lines = source.splitlines()
    for node in tree.body:
        about = node is tree.body[0] and isinstance(node, ast.Expr)
        if about or isinstance(node, (ast.Import, ast.ImportFrom)):
            lines[node.lineno - 1 : node.end_lineno] = [''] * ((node.end_lineno or 0) - node.lineno + 1)
    about_it = (ast.get_docstring(tree) or path.stem.strip('_')).splitlines()
    comment = '\n'.join(f'# {line}'.rstrip() for line in about_it)
    return f'\n\n{comment}\n\n\n{chr(10).join(lines).strip()}'
