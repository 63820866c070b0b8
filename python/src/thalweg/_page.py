"""Shows the live page of a run in a notebook, and its report when the run has ended."""

from __future__ import annotations

import html
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Optional

from ._say import cause, say

ADDRESS = re.compile(r'The run is shown at (\S+)')
"""The line in which `thalweg run --serve` states the address."""

START = 30.0
"""Maximum time in seconds until `thalweg run` serves its page."""

HEIGHT = 640
"""Height of the frame in pixels."""


def in_notebook() -> bool:
    """Whether this script runs in a notebook, which can show a page."""
    return type(sys.stdout).__module__.startswith('ipykernel')


class Page:
    """A frame in the notebook. It shows the live page of a run, and at the end the report.

    Only this machine can open the page. The report is stored in the notebook.
    """

    def __init__(self) -> None:
        self._addresses: SimpleQueue[Optional[str]] = SimpleQueue()
        self._frame: Any = None
        self._folder = tempfile.TemporaryDirectory(prefix='thalweg-')
        self._path = Path(self._folder.name) / 'run.ndjson'
        self._lines = self._path.open('wb')

    def served(self, address: Optional[str]) -> None:
        """Receives the address of the page, or None if there will be none."""
        self._addresses.put(address)

    def keep(self, line: bytes) -> None:
        """Adds a summary to the report."""
        self._lines.write(line)

    def show(self) -> None:
        """Waits until the page is served, and shows it below the cell."""
        try:
            from IPython.display import IFrame, display

            address = self._addresses.get(timeout=START)
            if address is not None:
                self._frame = display(IFrame(address, '100%', HEIGHT), display_id=True)
        except Empty:
            say(f'the live page did not start within {START:g} s, so it is not shown.')
        except Exception as error:
            say(f'the live page cannot be shown: {cause(error)}.')

    def end(self, command: list[str]) -> None:
        """Replaces the page, which is no longer served, with the report."""
        self._lines.close()
        try:
            if self._frame is not None and self._path.stat().st_size > 0:
                self._report(command)
        except Exception as error:
            say(f'the report cannot be shown: {cause(error)}.')
        finally:
            self._folder.cleanup()

    def _report(self, command: list[str]) -> None:
        from IPython.display import HTML

        report = self._path.with_suffix('.html')
        done = subprocess.run(
            [*command, 'report', str(self._path), '-o', str(report)], stdin=subprocess.DEVNULL, capture_output=True
        )
        if done.returncode != 0:
            raise RuntimeError(done.stderr.decode('utf-8', 'replace'))
        page = html.escape(report.read_text('utf-8'))
        style = f'width: 100%; height: {HEIGHT}px; border: 0'
        self._frame.update(
            HTML(f'<div><iframe title="Report of the run" style="{style}" srcdoc="{page}"></iframe></div>')
        )
