"""What is shipped: the wheel, its types, and the one file to drop in."""

from __future__ import annotations

import ast
import io
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from support import SOURCE, only_run, script

PACKAGE = SOURCE / 'thalweg'


@pytest.fixture(scope='module')
def vendored(tmp_path_factory):
    done = script('import runpy, sys; sys.argv[1:] = ["vendor"]; runpy.run_module("thalweg", run_name="__main__")')
    assert done.returncode == 0, done.stderr
    path = tmp_path_factory.mktemp('vendored') / 'thalweg.py'
    path.write_bytes(done.stdout)
    return path


def test_one_file_to_drop_in_streams_as_the_package_does(vendored):
    program = """
import io, sys
import numpy as np
from thalweg import Post, Stream, scalars, watch
import thalweg
w = np.zeros(3000, 'f4')
stream = Stream([('w', w)], fold=256, meta={'lr': 0.1}, anchor=2)
for step in range(1, 5):
    w += step
    stream.record(step, loss=1 / step)
stream.close()
print(thalweg.__file__, file=sys.stderr)
"""
    own = script(program)
    dropped = script(program, env={'PYTHONPATH': str(vendored.parent)})
    command = [sys.executable, '-c', program]
    dropped = subprocess.run(command, capture_output=True, cwd=vendored.parent, env={'PATH': '/usr/bin'})
    assert dropped.stderr.decode().strip() == str(vendored), dropped.stderr
    assert own.stdout == dropped.stdout
    assert only_run(own.stdout).steps == [1, 2, 3, 4]


def test_the_file_is_made_by_name_and_made_anew_where_none_shadows_the_package(tmp_path):
    def vendor(folder, *arguments):
        command = [sys.executable, '-m', 'thalweg', 'vendor', *arguments]
        return subprocess.run(command, capture_output=True, cwd=folder, env={'PYTHONPATH': str(SOURCE)}, timeout=60)

    done = vendor(tmp_path, 'thalweg.py')
    assert (done.returncode, done.stdout, done.stderr) == (0, b'', b'')
    program = 'import thalweg; print(thalweg.__file__, thalweg.Stream.__name__)'
    used = subprocess.run([sys.executable, '-c', program], capture_output=True, cwd=tmp_path, timeout=60)
    assert used.stdout.decode().split() == [str(tmp_path / 'thalweg.py'), 'Stream'], used.stderr
    again = vendor(tmp_path, 'thalweg.py')
    assert again.returncode == 1
    assert b'run `python -m thalweg vendor` elsewhere' in again.stderr
    nowhere = vendor(SOURCE, str(tmp_path / 'none' / 'thalweg.py'))
    assert nowhere.returncode == 1
    assert b'cannot be written: No such file' in nowhere.stderr


def test_modules_can_be_joined_since_no_two_define_one_name(vendored):
    names: dict[str, str] = {}
    for path in sorted(PACKAGE.glob('_*.py')):
        if path.stem in ('__init__', '__main__', '_vendor', '_callback'):
            continue
        for node in ast.parse(path.read_text()).body:
            targets = node.targets if isinstance(node, ast.Assign) else [node]
            for target in targets:
                name = getattr(target, 'name', getattr(target, 'id', None))
                if name is not None:
                    assert name not in names, f'{name} is in {path.stem} and {names[name]}'
                    names[name] = path.stem
    tree = ast.parse(vendored.read_text())
    assert not any(isinstance(node, ast.ImportFrom) and node.level > 0 for node in ast.walk(tree))


def test_the_command_says_how_it_is_used():
    done = script('import runpy, sys; sys.argv[1:] = ["else"]; runpy.run_module("thalweg", run_name="__main__")')
    assert (done.returncode, done.stdout) == (2, b'')
    assert b'usage: python -m thalweg vendor' in done.stderr


def test_the_package_needs_numpy_and_msgpack_alone():
    program = """
import sys
before = set(sys.modules)
import io, numpy as np, thalweg
thalweg.Stream([('w', np.zeros(3))], out=io.BytesIO()).close()
print(sorted({name.partition('.')[0] for name in set(sys.modules) - before} - set(sys.stdlib_module_names)))
"""
    done = script(program, env={'PYTHONPATH': str(SOURCE)})
    loaded = set(ast.literal_eval(done.stdout.decode()))
    own = {name for name in loaded if 'cython' not in name and not name.startswith(('_distutils', 'sitecustomize'))}
    assert own == {'thalweg', 'numpy', 'msgpack'}


def test_the_wheel_holds_the_package_its_types_and_nothing_else(tmp_path):
    pytest.importorskip('hatchling')
    command = [
        sys.executable,
        '-m',
        'pip',
        'wheel',
        '--no-deps',
        '--no-build-isolation',
        '--quiet',
        '-w',
        str(tmp_path),
    ]
    done = subprocess.run([*command, str(SOURCE.parent)], capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    (wheel,) = tmp_path.glob('thalweg-*.whl')
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.partition('/')[0].partition('-')[0] for name in names} == {'thalweg'}
    held = {name for name in names if name.startswith('thalweg/')}
    assert held == {f'thalweg/{path.name}' for path in PACKAGE.iterdir() if path.suffix in ('.py', '.typed')}
    about = zipfile.ZipFile(wheel).read(next(name for name in names if name.endswith('METADATA'))).decode()
    assert 'Requires-Python: >=3.9' in about
    needs = [line for line in about.splitlines() if line.startswith('Requires-Dist')]
    assert sorted(line.split()[1].split('>')[0] for line in needs) == ['msgpack', 'numpy']


def test_types_are_checked(tmp_path):
    pytest.importorskip('mypy')
    user = tmp_path / 'user.py'
    user.write_text(
        'import numpy as np\nfrom thalweg import Post, Stream, scalars, watch\n'
        "stream = Stream([('w', np.zeros(3))], out=Post('https://example.com/x', 'token'), fold={'**': 1024})\n"
        'stream.record(1, epoch=0.5, loss=0.1)\nstream.close()\n'
        'figures: dict[str, float] = scalars(next(watch([]).summaries()))\n'
    )
    done = subprocess.run(
        [sys.executable, '-m', 'mypy', '--strict', '--config-file', str(SOURCE.parent / 'pyproject.toml'), str(user)],
        capture_output=True,
        cwd=tmp_path,
        env={'MYPYPATH': str(SOURCE), 'PATH': '/usr/bin'},
    )
    assert done.returncode == 0, done.stdout.decode()


def test_a_name_for_what_is_public():
    import thalweg

    assert sorted(thalweg.__all__) == ['Post', 'Stream', 'scalars', 'watch']
    out = io.BytesIO()
    thalweg.Stream([('w', np.zeros(3))], out=out).close()
