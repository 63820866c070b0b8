"""Posts a stream to a handler of thalweg/edge while training goes on. Needs Python alone.

    out = Post('https://example.com/runs/mine/frames', token='...')
    stream = Stream(model, out=out)                    # and so on, see thalweg_stream.py
    stream.close()
    out.close()

A thread posts what the training has written, in numbered pieces that the server takes once each.
A piece is posted again when the network fails or the server is busy.
"""

import http.client
import json
import secrets
import sys
import threading
import time
import urllib.error
import urllib.request

LONGEST_BACKOFF = 30
LONGEST_PAUSE = 600


class Post:
    """A binary file object that posts what it is given.

    token          sent as `Authorization: Bearer ...`
    summaries      a function that takes the lines of summaries that a piece is answered
    piece_bytes    bytes of a piece
    piece_seconds  posts a smaller piece when its first byte has waited so long
    waiting_bytes  bytes that may wait for the thread before write() makes the training wait
    resume         goes on with the run that is there, if any, as a trainer does that was started
                   again: its stream begins as ever, with an anchor at the step it goes on from
    retries        tries in a row that may fail
    backoff        seconds after the first of them, unless the server says how long; then doubled
    timeout        seconds to wait for an answer
    """

    def __init__(
        self,
        url,
        token=None,
        summaries=None,
        piece_bytes=2**22,
        piece_seconds=1,
        waiting_bytes=2**26,
        resume=False,
        retries=10,
        backoff=0.5,
        timeout=120,
    ):
        self.url, self.summaries = url, summaries
        self.headers = {'Content-Type': 'application/x-thalweg'}
        if token is not None:
            self.headers['Authorization'] = f'Bearer {token}'
        self.piece_bytes, self.piece_seconds = piece_bytes, piece_seconds
        self.waiting_bytes = max(waiting_bytes, piece_bytes)
        self.retries, self.backoff, self.timeout = retries, backoff, timeout
        self.waiting, self.since = bytearray(), None
        self.join, self.resume, self.before = secrets.token_hex(8), resume, 0
        self.closed, self.failure = False, None
        self.changed = threading.Condition()
        self.thread = threading.Thread(target=self._deliver, name='thalweg-post', daemon=True)
        self.thread.start()

    def write(self, data):
        """Takes all of the data; waits while too much is on its way."""
        with self.changed:
            self.changed.wait_for(lambda: self.failure or len(self.waiting) < self.waiting_bytes)
            if self.failure:
                raise self.failure
            self.since = self.since or time.monotonic()
            self.waiting += data
            self.changed.notify_all()
        return len(data)

    def flush(self):
        """Does nothing: pieces go out by their size and age."""

    def close(self):
        """Posts what is left and waits for the last answer. Raises what made it give up."""
        with self.changed:
            self.closed = True
            self.changed.notify_all()
        self.thread.join()
        if self.failure:
            raise self.failure

    def _deliver(self):
        try:
            last = None
            for number, piece in enumerate(self._pieces()):
                self._settle(number, piece, last)
                last = piece
        except Exception as error:  # whatever it is, training goes on
            gone = isinstance(error, ConnectionAbortedError)
            failure = error if gone else ConnectionAbortedError(f'thalweg: {error!r}')
            print(failure, file=sys.stderr)
            with self.changed:
                self.failure = failure
                self.waiting.clear()
                self.changed.notify_all()

    def _pieces(self):
        """What has been written, as soon as it is large or old enough."""
        while True:
            with self.changed:
                self.changed.wait_for(lambda: self.waiting or self.closed)
                due = (self.since or 0) + self.piece_seconds
                self.changed.wait_for(
                    lambda: self.closed or len(self.waiting) >= self.piece_bytes,
                    due - time.monotonic(),
                )
                piece = self.waiting[: self.piece_bytes]
                del self.waiting[: self.piece_bytes]
                self.since = time.monotonic() if self.waiting else None
                self.changed.notify_all()
            if not piece:
                return
            yield piece

    def _settle(self, number, piece, last):
        """Posts a piece until it is taken, and the one before once more if the server wants it."""
        at, failed, backoff = number, 0, self.backoff
        while at <= number:
            status, expected, after, text = self._post(at, piece if at == number else last)
            if status == 409 and number == 0 and (expected or 0) > self.before:
                if not self.resume:
                    raise self._taken(expected)
                self.before = expected  # those of the process that was here before
                continue
            name = f'piece {self.before + at}'
            if status == 200:
                if expected not in (None, self.before + at + 1):
                    raise self._overtaken(name)
                if at == number and self.summaries and text:
                    self.summaries(text.splitlines())
                at, backoff = at + 1, self.backoff
                continue
            wanted = None if status != 409 or expected is None else expected - self.before
            if wanted is not None and wanted > number:
                raise self._overtaken(name)
            if wanted not in (None, number) and (wanted != number - 1 or last is None):
                raise self._gone(f'wants piece {expected}, which is not here any more')
            if wanted is None and status and status < 500 and status not in (408, 429):
                raise self._gone(f'refused {name} with {status}: {message_in(text)}')
            failed += 1
            if failed > self.retries:
                why = text if status is None else f'{status}: {message_in(text)}'
                raise self._gone(f'did not take {name} in {failed} tries: {why}')
            if wanted is not None:
                at = wanted
            else:
                time.sleep(min(backoff if after is None else after, LONGEST_PAUSE))
                backoff = min(2 * backoff, LONGEST_BACKOFF)

    def _post(self, number, piece):
        """One try: status (None where there is none), the two numbers of the answer, its text."""
        headers = {**self.headers, 'Thalweg-Sequence': str(self.before + number)}
        if number == 0:
            headers['Thalweg-Join'] = self.join
        request = urllib.request.Request(self.url, piece, headers, method='POST')
        try:
            try:
                answer = opener.open(request, timeout=self.timeout)
            except urllib.error.HTTPError as error:
                answer = error
            with answer:
                text = answer.read().decode()
            numbers = [answer.headers.get(name) for name in ('Thalweg-Expected', 'Retry-After')]
            numbers = [int(text) if text and text.isdigit() else None for text in numbers]
            return (answer.status, *numbers, text)
        except (OSError, http.client.HTTPException) as error:
            return None, None, None, str(error) or type(error).__name__

    def _taken(self, pieces):
        what = f"has another stream's pieces, {pieces} so far. Post to a run of its own, or resume"
        return self._gone(what)

    def _overtaken(self, name):
        what = f'goes on with another trainer since {name}. Let one of them post to this run'
        return self._gone(what)

    def _gone(self, what):
        url = self.url.split('?')[0]
        return ConnectionAbortedError(f'thalweg: {url} {what}. What follows is dropped.')


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None  # it would be followed without the piece


opener = urllib.request.build_opener(NoRedirect)


def message_in(text):
    """The message of {"error": {"message": ...}} in the last line, or how the text begins."""
    try:
        return json.loads(text.splitlines()[-1])['error']['message'].rstrip('.')
    except (ValueError, LookupError, TypeError):
        return text[:200].strip() or 'no message'
