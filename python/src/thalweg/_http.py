"""Sends one request of a post, and decides what may be shown of the answer."""

from __future__ import annotations

import base64
import http.client
import io
import json
import socket
import time
import urllib.error
import urllib.parse
import urllib.request
import zlib
from typing import Any, NamedTuple, Optional

from ._secrets import Secrets, words_of_query

CONNECT_SECONDS = 5
"""A running server accepts a connection faster than this, however long it works on a request."""

LONGEST_ANSWER = 2**26


class Answer(NamedTuple):
    """The server's answer.

    status    None if there was no answer
    expected  number of the piece that the handler expects next; None if it is not from a handler
    after     seconds that the server asks to wait
    """

    status: Optional[int]
    expected: Optional[int]
    after: Optional[int]
    text: str


class Address:
    """The address to post to, with the credential. What it shows of itself contains neither query nor user.

    Raises ValueError for an address or token that HTTP cannot transmit. The error does not quote it.
    """

    def __init__(self, url: str, token: Optional[str]) -> None:
        try:
            parts = urllib.parse.urlsplit(url.strip())
            port = f':{parts.port}' if parts.port is not None else ''
        except ValueError:
            raise ValueError('the port of the address is not a number from 0 to 65535.') from None
        if parts.scheme not in ('http', 'https') or not parts.hostname:
            raise ValueError('the address must begin with http:// or https:// and a host.')
        host = f'[{parts.hostname}]' if ':' in parts.hostname else parts.hostname
        target = urllib.parse.urlunsplit((parts.scheme, host + port, parts.path, parts.query, ''))
        if not all('!' <= character <= '~' for character in target):
            raise ValueError('the address holds a space or another character that must be escaped with %.')
        self.target, self.shown = target, f'{parts.scheme}://{host}{port}{parts.path}'
        self.headers = {'Content-Type': 'application/x-thalweg'}
        self._secrets = Secrets([*words_of_query(parts.query), parts.username or '', parts.password or ''])
        self.clean = self._secrets.clean
        if token is not None:
            self.headers['Authorization'] = f'Bearer {self._checked(token)}'
        elif parts.username is not None:
            user = ':'.join(urllib.parse.unquote(part or '') for part in (parts.username, parts.password))
            credential = base64.b64encode(user.encode()).decode()
            self._secrets.add(credential)
            self.headers['Authorization'] = f'Basic {credential}'

    def _checked(self, token: str) -> str:
        token = token.strip()
        odd = next((i for i, character in enumerate(token) if not '!' <= character <= '~'), None)
        if odd is not None:
            raise ValueError(f'character {odd + 1} of the token is one that a header cannot carry.')
        self._secrets.add(token)
        return token

    def post(self, body: bytes, headers: dict[str, str], timeout: float) -> Answer:
        """Tries once."""
        request = urllib.request.Request(self.target, body, {**self.headers, **headers}, method='POST')
        try:
            try:
                answer = opener.open(request, timeout=timeout)
            except urllib.error.HTTPError as error:
                answer = error
            with answer:
                expected, after = (whole(answer.headers.get(name)) for name in ('Thalweg-Expected', 'Retry-After'))
                return Answer(answer.status, expected, after, text_of(answer))
        except (OSError, http.client.HTTPException, ValueError) as error:
            why = error.reason if isinstance(error, urllib.error.URLError) else error
            words = why.strerror if isinstance(why, OSError) and why.strerror else str(why)
            return Answer(None, None, None, self.clean(words) or type(why).__name__)

    def message_in(self, text: str) -> str:
        """The message of {"error": {"message": ...}} in the last line, or the beginning of the text."""
        try:
            return self.clean(json.loads(text.splitlines()[-1])['error']['message'].rstrip('.'))
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            return self.clean(text) or 'no message'


def whole(text: Optional[str]) -> Optional[int]:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 16 else None


def text_of(answer: Any) -> str:
    """The body. If the body of an error cannot be read, it counts as empty, because the status says enough."""
    try:
        body = answer.read(LONGEST_ANSWER)
        if answer.length and len(body) < LONGEST_ANSWER:
            raise http.client.IncompleteRead(body, answer.length)
    except (OSError, http.client.HTTPException):
        if answer.status == 200:
            raise
        body = b''
    return unpacked(body, answer.headers.get('Content-Encoding', '')).decode('utf-8', 'replace')


def unpacked(body: bytes, coding: str) -> bytes:
    """Decompresses a body that a proxy may have compressed without being asked, as far as it can be read."""
    if coding.strip().lower() not in ('gzip', 'x-gzip', 'deflate'):
        return b'' if coding.strip().lower() not in ('', 'identity') else body
    try:
        return zlib.decompressobj(47).decompress(body, LONGEST_ANSWER)
    except zlib.error:
        return b''


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None  # if a redirect were followed, the piece would not be sent along


class Prompt(io.RawIOBase):
    """Applies a socket's timeout to the whole answer. The socket's own timeout begins again with each byte."""

    def __init__(self, received: io.RawIOBase, sock: socket.socket) -> None:
        self._received, self._socket = received, sock
        self._until = time.monotonic() + (sock.gettimeout() or 0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> Optional[int]:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError('timed out')
        self._socket.settimeout(left)
        return self._received.readinto(buffer)

    def close(self) -> None:
        self._received.close()
        super().close()


class PromptResponse(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp: io.BufferedReader = io.BufferedReader(Prompt(self.fp.detach(), sock))


class PromptHTTP(http.client.HTTPConnection):
    """Connects within a few seconds or not at all."""

    response_class = PromptResponse

    def connect(self) -> None:
        timeout, self.timeout = self.timeout, CONNECT_SECONDS
        super().connect()
        self.timeout = timeout
        self.sock.settimeout(timeout)


class PromptHTTPS(PromptHTTP, http.client.HTTPSConnection):
    pass


class HTTP(urllib.request.HTTPHandler):
    def http_open(self, request: urllib.request.Request) -> Any:
        return self.do_open(PromptHTTP, request)


class HTTPS(urllib.request.HTTPSHandler):
    def https_open(self, request: urllib.request.Request) -> Any:
        return self.do_open(PromptHTTPS, request, context=self._context)  # type: ignore[attr-defined]


opener = urllib.request.build_opener(NoRedirect, HTTP, HTTPS)
