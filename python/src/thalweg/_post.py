"""Posts a stream to a handler of thalweg/edge while training continues."""

from __future__ import annotations

import secrets
import sys
import threading
import time
from collections.abc import Iterator
from queue import Empty, SimpleQueue
from typing import Any, Callable, Optional

from ._frames import mask_pipe_signal
from ._http import Address, Answer
from ._say import Voice, cause, say

LONGEST_BACKOFF = 30
LONGEST_PAUSE = 600

PATIENCE = 3.0
"""After this many seconds of failed tries, a message says that nothing answers."""

NO_HANDLER = (
    'answers 200 without Thalweg-Expected, so it is no handler of thalweg/edge, but a proxy or a login page perhaps'
)


class Gone(ConnectionAbortedError):
    """The server accepts no more pieces. A message on stderr has said so."""

    said = True


class Post:
    """A binary file object that posts what is written to it, in numbered pieces. The server takes each piece once.

        out = Post('https://example.com/runs/mine/frames', token='...')
        stream = Stream(model, out=out)
        ...
        stream.close()
        out.close()

    A thread does the posting. It posts a piece again when the network fails or the server is busy. If it gives up, it
    says why once on stderr, and training continues. It never shows the credentials or the query of the address.

    token          sent as `Authorization: Bearer ...`
    summaries      a function that takes the lines of summaries in each answer
    piece_bytes    largest size of a piece in bytes
    piece_seconds  posts a smaller piece when its first byte has waited this long
    waiting_bytes  bytes that may wait for the thread; above that, write() waits
    resume         continues the run that the server has, if any. Use it when a trainer is started
                   again: its new stream begins with an anchor at the step from which it continues
    retries        how many tries in a row may fail
    backoff        seconds to wait after the first failure, unless the server says how long; then doubled
    timeout        seconds to wait for an answer
    strict         close() raises the error that made it give up
    """

    live = True

    def __init__(
        self,
        url: str,
        token: Optional[str] = None,
        summaries: Optional[Callable[[list[str]], Any]] = None,
        piece_bytes: int = 2**22,
        piece_seconds: float = 1,
        waiting_bytes: int = 2**26,
        resume: bool = False,
        retries: int = 10,
        backoff: float = 0.5,
        timeout: float = 120,
        strict: bool = False,
    ) -> None:
        self._address, self._summaries = Address(url, token), summaries
        self._piece_bytes, self._piece_seconds = piece_bytes, piece_seconds
        self._waiting_bytes = max(waiting_bytes, piece_bytes)
        self._retries, self._backoff, self._timeout = retries, backoff, timeout
        self._strict = strict
        # Queues, because an interrupt cannot leave a queue locked, as it can a condition.
        self._written: SimpleQueue[Optional[tuple[float, bytes]]] = SimpleQueue()
        self._freed: SimpleQueue[None] = SimpleQueue()
        self._bytes_in, self._bytes_out = 0, 0
        self._join, self._resume, self._before = secrets.token_hex(8), resume, 0
        self._failure: Optional[Gone] = None
        self._voice = Voice()
        self._thread = threading.Thread(target=self._deliver, name='thalweg-post', daemon=True)
        self._thread.start()

    def write(self, data: Any) -> int:
        """Takes all of the data; waits while too much is on its way. Raises ConnectionAbortedError after a failure."""
        while self._failure is None and self._bytes_in - self._bytes_out >= self._waiting_bytes:
            self._freed.get()
        if self._failure:
            raise self._failure
        self._written.put((time.monotonic(), bytes(data)))
        self._bytes_in += len(data)
        return len(data)

    def flush(self) -> None:
        """Does nothing: pieces go out by their size and age."""

    def close(self) -> None:
        """Posts what is left and waits for the last answer."""
        self._written.put(None)
        if sys.is_finalizing():  # the thread no longer runs
            say(f'{self._address.shown} lacks the end of the stream: the script ended before the post was closed.')
            return
        self._thread.join()
        if self._failure and self._strict:
            raise self._failure

    def _deliver(self) -> None:
        mask_pipe_signal()
        try:
            last = None
            for number, piece in enumerate(self._pieces()):
                self._settle(number, piece, last)
                last = piece
        except Exception as error:  # training continues whatever the error is
            failure = error if isinstance(error, Gone) else Gone(f'thalweg: {self._address.clean(cause(error))}')
            say(str(failure).removeprefix('thalweg: '))
            self._failure, self._written = failure, SimpleQueue()
            self._freed.put(None)

    def _pieces(self) -> Iterator[bytes]:
        """Yields what has been written, as soon as it is large or old enough."""
        waiting, since, closed = bytearray(), 0.0, False
        while waiting or not closed:
            while not closed and len(waiting) < self._piece_bytes:
                due = max(0.0, since + self._piece_seconds - time.monotonic()) if waiting else None
                try:
                    written = self._written.get(timeout=due)
                except Empty:
                    break
                if written is None:
                    closed = True
                    continue
                since = since if waiting else written[0]
                waiting += written[1]
            piece = bytes(waiting[: self._piece_bytes])
            del waiting[: self._piece_bytes]
            since = time.monotonic()
            if piece:
                self._bytes_out += len(piece)
                self._freed.put(None)
                yield piece

    def _settle(self, number: int, piece: bytes, last: Optional[bytes]) -> None:
        """Posts a piece until the server takes it. Posts the previous piece again if the server asks for it."""
        at, failed, backoff, began = number, 0, self._backoff, time.monotonic()
        while at <= number:
            answer = self._try(at, piece if at == number or last is None else last)
            status, expected, after, text = answer
            if status == 409 and number == 0 and (expected or 0) > self._before:
                if not self._resume:
                    raise self._taken(expected)
                self._before = expected or 0  # pieces of an earlier process
                continue
            name = f'piece {self._before + at}'
            if status == 200 and expected is not None:
                if expected != self._before + at + 1:
                    raise self._overtaken(name)
                if at == number and text:
                    self._hand_out(text.splitlines())
                at, backoff = at + 1, self._backoff
                continue
            wanted = None if status != 409 or expected is None else expected - self._before
            if wanted is not None and wanted > number:
                raise self._overtaken(name)
            if wanted not in (None, number) and (wanted != number - 1 or last is None):
                raise self._gone(f'wants piece {expected}, which is not here any more')
            if wanted is None and is_refusal(status):
                raise self._gone(f'refused {name} with {status}: {self._address.message_in(text)}')
            failed += 1
            if failed > self._retries:
                raise self._gone(f'did not take {name} in {failed} tries: {self._why(answer)}')
            if wanted is not None:
                at = wanted
                continue
            pause = min(backoff if after is None else after, LONGEST_PAUSE)
            if time.monotonic() + pause - began > PATIENCE:
                self._tell(f'{self._why(answer)}. It tries on, {self._retries + 1} times for each piece.')
            time.sleep(pause)
            backoff = min(2 * backoff, LONGEST_BACKOFF)

    def _hand_out(self, lines: list[str]) -> None:
        try:
            if self._summaries is not None:
                self._summaries(lines)
        except Exception as error:
            self._voice.once('function', f'the function that takes summaries failed: {cause(error)}.')

    def _try(self, number: int, piece: bytes) -> Answer:
        headers = {'Thalweg-Sequence': str(self._before + number)}
        if number == 0:
            headers['Thalweg-Join'] = self._join
        return self._address.post(piece, headers, self._timeout)

    def _why(self, answer: Answer) -> str:
        if answer.status is None:
            return f'no answer ({answer.text})'
        if answer.status == 200:
            return NO_HANDLER
        return f'{answer.status}: {self._address.message_in(answer.text)}'

    def _tell(self, what: str) -> None:
        """Says once what is wrong, and keeps trying."""
        self._voice.once('trying', f'{self._address.shown}: {what}')

    def _taken(self, pieces: Optional[int]) -> Gone:
        return self._gone(f"has another stream's pieces, {pieces} so far. Post to another run, or resume")

    def _overtaken(self, name: str) -> Gone:
        return self._gone(f'goes on with another trainer since {name}. Let one of them post to this run')

    def _gone(self, what: str) -> Gone:
        return Gone(f'thalweg: {self._address.shown} {what}. What follows is dropped.')


def is_refusal(status: Optional[int]) -> bool:
    """Whether another try is useless."""
    return status is not None and status != 200 and status < 500 and status not in (408, 425, 429)
