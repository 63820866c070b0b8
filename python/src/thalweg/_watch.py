"""Runs `thalweg run` as a separate process and passes its summaries to the script."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, Callable, Optional

from ._facts import number
from ._out import let_go_in_children
from ._page import ADDRESS, Page, in_notebook
from ._say import Voice, cause, say
from ._stream import Stream

KEPT = 10_000
"""How many summaries wait for their iterator. Older ones are dropped."""

HOW_TO_INSTALL = (
    'thalweg is not installed, so nothing is analysed. Install Node 20.19 or newer, then '
    '`npm install --global thalweg`, or name the command in the environment variable THALWEG.'
)

Summary = dict[str, Any]


class Watch:
    """A stream to a `thalweg run` that this script has started.

    It has the methods `record`, `log`, `anchor` and `close` of Stream.

    If there is a function for summaries, record() and close() call it, in the thread that calls them. Otherwise
    `summaries()` returns them.
    """

    def __init__(
        self,
        models: tuple[Any, ...],
        on_summary: Optional[Callable[[Summary], Any]],
        process: Optional[subprocess.Popen[bytes]],
        page: Optional[Page],
        patience: float,
        options: Mapping[str, Any],
    ) -> None:
        self._on_summary, self._patience, self._voice = on_summary, patience, Voice()
        self._strict = bool(options.get('strict'))
        self._come: deque[Summary] = deque(maxlen=KEPT)
        self._process, self._page = process, page
        self.address: Optional[str] = None
        """The address of the live page, once it is served."""
        self._threads: list[threading.Thread] = []
        if process is not None:
            let_go_in_children(process.stdin)
            work = (self._listen, self._pass_on)
            self._threads = [threading.Thread(target=each, args=(process,), daemon=True) for each in work]
            for thread in self._threads:
                thread.start()
        out = os.devnull if process is None else process.stdin
        try:
            if page is not None:
                page.show()
            self._stream = Stream(*models, out=out, **options)
        except BaseException:
            self._end()
            raise

    @property
    def closed(self) -> bool:
        return self._stream.closed

    def record(self, /, step: Optional[int] = None, epoch: Any = None, **metrics: Any) -> None:
        self._stream.record(step, epoch, **metrics)
        self._hand_out()

    def log(self, /, step: int, epoch: Any = None, **metrics: Any) -> None:
        self._stream.log(step, epoch, **metrics)

    def anchor(self) -> None:
        self._stream.anchor()

    def close(self) -> None:
        """Ends the run and waits for its last summaries."""
        self._stream.close()
        self._end()
        self._hand_out()

    def summaries(self) -> Iterator[Summary]:
        """Returns the summaries that have come since the last call; after close(), all the rest."""
        with suppress(IndexError):
            while True:
                yield self._come.popleft()

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, kind: Any, *_: Any) -> None:
        self._stream.__exit__(kind, *_)
        self._end()
        self._hand_out()

    def _hand_out(self) -> None:
        if self._on_summary is None:
            return
        for summary in self.summaries():
            try:
                self._on_summary(summary)
            except Exception as error:
                if self._strict:
                    raise
                self._voice.once('function', f'the function that takes summaries failed: {cause(error)}.')

    def _listen(self, process: subprocess.Popen[bytes]) -> None:
        for line in process.stdout or ():
            with suppress(ValueError):
                self._come.append(json.loads(line))
                if self._page is not None:
                    self._page.keep(line)

    def _pass_on(self, process: subprocess.Popen[bytes]) -> None:
        """Copies the messages of `thalweg run` to the script's stderr, which in a notebook is shown on the page."""
        for line in process.stderr or ():
            with suppress(Exception):
                text = line.decode('utf-8', 'replace').rstrip()
                shown = ADDRESS.match(text)
                if shown is not None:
                    self.address = shown[1]
                if shown is not None and self._page is not None:
                    self._page.served(self.address)
                else:
                    print(text, file=sys.stderr, flush=True)
        if self._page is not None:
            self._page.served(None)

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        with suppress(OSError):
            process.stdin.close()
        try:
            process.wait(self._patience)
        except subprocess.TimeoutExpired:
            process.kill()
            say(f'thalweg run did not end within {self._patience:g} s after the stream, so it is stopped.')
        for thread in self._threads:
            thread.join(1)
        if self._page is not None:
            self._page.end(found() or [])


def watch(
    *models: Any,
    on_summary: Optional[Callable[[Summary], Any]] = None,
    pipeline: str = 'default',
    settings: Optional[Mapping[str, Any]] = None,
    page: Optional[bool] = None,
    patience: float = 60,
    **options: Any,
) -> Watch:
    """Starts `thalweg run` beside this script and streams the models to it.

        watch = thalweg.watch(model, on_summary=lambda summary: wandb.log(thalweg.scalars(summary)))
        for ...:
            watch.record(step, loss=loss)
        watch.close()

    on_summary  a function that takes each summary, as a dictionary in the form that `thalweg run` writes
    pipeline    a shipped pipeline or the path of a file
    settings    changes to the pipeline, by path: {'stages.svd.rank': 8}
    page        whether to serve a live page to this machine. Default: only in a notebook, which shows the page below
                the cell, and the report in its place at the end. In a script, its address is printed on stderr
    patience    how many seconds close() waits for the last summaries
    options     options of Stream, except out

    If thalweg is not installed, a message says how to install it, and training continues. With strict=True,
    FileNotFoundError is raised.
    """
    shown = in_notebook() if page is None else page
    served = ['--serve', '0'] if shown else []
    try:
        process = started(['run', pipeline, '--quiet', *served, *set_options(settings or {})])
    except FileNotFoundError:
        if options.get('strict'):
            raise
        say(HOW_TO_INSTALL)
        process = None
    frame = Page() if shown and process is not None and in_notebook() else None
    return Watch(models, on_summary, process, frame, patience, options)


def set_options(settings: Mapping[str, Any]) -> list[str]:
    plain = {path: json.dumps(value, default=number) for path, value in settings.items()}
    return [word for path, value in plain.items() for word in ('--set', f'{path}={value}')]


def started(arguments: list[str]) -> subprocess.Popen[bytes]:
    """Starts the process. Raises FileNotFoundError if thalweg is not installed."""
    command = found()
    pipe = subprocess.PIPE
    if command is not None:
        with suppress(OSError):
            # In its own session, so that Ctrl-C reaches only the script, which then ends the stream.
            return subprocess.Popen(
                [*command, *arguments], stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0, start_new_session=True
            )
    raise FileNotFoundError(HOW_TO_INSTALL)


def found() -> Optional[list[str]]:
    """The command line of Thalweg: from the variable THALWEG, the command on the PATH, or what npx finds without a
    download.
    """
    named = os.environ.get('THALWEG')
    if named:
        return shlex.split(named)
    path = shutil.which('thalweg')
    if path is not None:
        return [path]
    npx = shutil.which('npx')
    if npx is not None:
        asked = [npx, '--no-install', 'thalweg']
        if subprocess.run([*asked, '--help'], capture_output=True, stdin=subprocess.DEVNULL).returncode == 0:
            return asked
    return None


def scalars(summary: Mapping[str, Any]) -> dict[str, float]:
    """Returns the single numbers of a summary by name, such as {"svd/captured": 0.67}, in the form that trackers log.

    A name begins with its tensor, group or member, if there is one: "tensor:0.weight/svd/captured".
    """
    place = '' if summary['scope'] == 'model' else f'{summary["scope"]}/'
    member = '' if summary['member'] == 0 else f'member {summary["member"]}/'
    return {
        f'{place}{member}{summary["stage"]}/{name}': float(value)
        for name, value in summary['values'].items()
        if isinstance(value, (int, float)) and not isinstance(value, bool)
    }
