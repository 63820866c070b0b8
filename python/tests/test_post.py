"""Posting to servers that misbehave. The pieces are tested against the handler in test/examples/post.test.ts."""

from __future__ import annotations

import base64
import contextlib
import gzip
import html
import http.server
import itertools
import json
import socket
import sys
import threading
import time
import zlib
from urllib.parse import quote, unquote

import numpy as np
import pytest

from support import only_run
from thalweg import Post, Stream

SECRET = 'sk-not-a-real-token'
PAGE = '<html><title>Passerelle indisponible</title>Veuillez réessayer</html>'


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):  # noqa: N802
        body = self.rfile.read(int(self.headers['Content-Length']))
        number = int(self.headers['Thalweg-Sequence'])
        server = self.server
        server.requests.append((self.path, dict(self.headers)))
        if server.answers:
            answer = server.answers.pop(0)
            if answer == 'hang up':
                self.connection.close()
                return
            status, headers, page = answer
        else:
            status, headers, page = 200, {'Thalweg-Expected': str(number + 1)}, b''
            server.taken[number] = body
        self.send_response(status)
        for pair in {'Content-Length': str(len(page)), **headers}.items():
            self.send_header(*pair)
        self.end_headers()
        self.wfile.write(page)


@pytest.fixture
def server():
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    server.answers, server.taken, server.requests = [], {}, []
    server.url = f'http://127.0.0.1:{server.server_port}/runs/x/frames'
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()


def post(url, steps=3, **options):
    out = Post(url, **{'backoff': 0.01, **options})
    weights = np.zeros(10, 'f4')
    stream = Stream([('w', weights)], out=out)
    for step in range(1, steps + 1):
        weights += 1
        stream.record(step)
    stream.close()
    out.close()


def whole(server):
    return only_run(b''.join(server.taken[number] for number in sorted(server.taken)))


PAGES = {
    'Latin-1': ({'Content-Type': 'text/html; charset=iso-8859-1'}, PAGE.encode('latin-1')),
    'UTF-16': ({'Content-Type': 'text/html; charset=utf-16'}, PAGE.encode('utf-16')),
    'gzip': ({'Content-Encoding': 'gzip'}, gzip.compress(PAGE.encode())),
    'cut gzip': ({'Content-Encoding': 'gzip'}, gzip.compress(PAGE.encode())[:20]),
    'deflate': ({'Content-Encoding': 'deflate'}, zlib.compress(PAGE.encode())),
    'brotli': ({'Content-Encoding': 'br'}, b'\x8b\x03\x80abc\x03'),
    'no gzip though it says so': ({'Content-Encoding': 'gzip'}, b'not at all'),
    'a wrong length': ({'Content-Length': '500'}, b'short'),
    'a terminal sequence': ({}, b'\x1b]0;title\x07\x1b[31mred'),
    'nothing': ({}, b''),
}


@pytest.mark.parametrize('page', PAGES)
@pytest.mark.parametrize('status', [500, 502, 503, 429, 408])
def test_a_page_in_any_coding_is_tried_again_as_its_status_says(server, capsys, page, status):
    server.answers = [(status, *PAGES[page])]
    post(server.url)
    assert whole(server).steps == [1, 2, 3]
    assert capsys.readouterr().err == ''


@pytest.mark.parametrize('page', PAGES)
def test_a_page_in_any_coding_is_refused_as_its_status_says(server, capsys, page):
    server.answers = [(403, *PAGES[page])] * 20
    post(server.url)
    said = capsys.readouterr().err
    assert said.count('thalweg:') == 1
    assert 'refused piece 0 with 403' in said
    assert said.isprintable() or said.rstrip('\n').isprintable()
    assert len(server.requests) == 1


def test_a_connection_that_is_cut_is_tried_again(server, capsys):
    server.answers = ['hang up', 'hang up']
    post(server.url)
    assert whole(server).end == 'closed'
    assert capsys.readouterr().err == ''


def test_a_page_that_no_handler_wrote_does_not_count_as_taken(server, capsys):
    login = (200, {'Content-Type': 'text/html'}, b'<html>Please log in</html>')
    server.answers = [login] * 3
    post(server.url)
    assert whole(server).end == 'closed', 'it is tried again'
    assert capsys.readouterr().err == ''
    server.answers = [login] * 20
    post(server.url, retries=3)
    assert 'answers 200 without Thalweg-Expected' in capsys.readouterr().err


@pytest.mark.parametrize('status', [401, 403, 404, 422])
def test_a_refusal_is_said_once_and_raises_only_where_strict(server, capsys, status):
    answer = (status, {}, b'{"error":{"code":"E_X","message":"no, because"}}')
    server.answers = [answer] * 20
    post(server.url, steps=200, piece_bytes=100, piece_seconds=0)
    assert capsys.readouterr().err.count('no, because') == 1
    with pytest.raises(ConnectionAbortedError, match=f'with {status}: no, because'):
        post(server.url, strict=True)


@pytest.mark.parametrize(
    'options',
    [
        {'url': 'http://{host}/runs/x/frames', 'token': SECRET},
        {'url': 'http://{host}/runs/x/frames', 'token': f' {SECRET}\n'},
        {'url': 'http://{host}/runs/x/frames?signature=' + SECRET},
        {'url': 'http://{host}/runs/x/frames?signature=' + SECRET + '#fragment'},
        {'url': 'http://me:' + SECRET + '@{host}/runs/x/frames'},
        {'url': 'http://' + SECRET + '@{host}/runs/x/frames'},
    ],
)
@pytest.mark.parametrize('answer', ['taken', 'refused', 'echoed', 'absent'])
def test_no_secret_is_ever_said(server, capsys, options, answer):
    port = server.server_port
    if answer == 'absent':
        with socket.socket() as free:
            free.bind(('127.0.0.1', 0))
            port = free.getsockname()[1]
    url = options['url'].format(host=f'127.0.0.1:{port}')
    server.answers = {
        'refused': [(403, {}, b'no')],
        'echoed': [(403, {}, f'{{"error":{{"message":"{url} with {SECRET}"}}}}'.encode())],
    }.get(answer, [])
    raised = ''
    try:
        post(url, token=options.get('token'), retries=1, strict=True)
    except ConnectionError as error:
        raised = str(error)
    said = capsys.readouterr().err + raised
    assert SECRET not in said
    assert (answer == 'taken') == (said == '')
    assert ('/runs/x/frames' in said) == (answer != 'taken')


HARD = 'hard/T0ken+of=odd&signs<that>escape'


@pytest.mark.parametrize(
    'options',
    [
        {'token': HARD},
        {'url': f'?key=1&sig={quote(HARD, safe="")}&sig=another'},
        {'url': f'?{quote(HARD)}'},
        {'url': f'//me:{quote(HARD, safe="")}@'},
    ],
)
@pytest.mark.parametrize(
    'form',
    [
        lambda sent: sent,
        html.escape,
        quote,
        json.dumps,
        lambda sent: json.dumps(json.dumps(sent)),
        lambda sent: sent.replace('/', '\\/'),
        lambda sent: ' ' * 1990 + sent,
        lambda sent: json.dumps({'error': {'message': sent}}),
        lambda sent: unquote(sent),
    ],
)
def test_a_server_that_sends_a_secret_back_in_another_form_is_not_quoted(server, capsys, options, form):
    given = {**options}
    address = given.pop('url', '')
    url = server.url.replace('//', address) if address.startswith('//') else server.url + address
    credential = base64.b64encode(f'me:{HARD}'.encode()).decode()
    sent = ' '.join([HARD, f'?key=1&sig={quote(HARD, safe="")}&sig=another', credential])
    server.answers = [(403, {}, form(sent).encode())]
    post(url, **given)
    said = unquote(capsys.readouterr().err)
    assert 'refused piece 0 with 403' in said
    assert 'T0ken' not in said
    assert credential not in said or not address.startswith('//')
    assert 'another' not in said or 'another' not in address


@pytest.mark.parametrize('status', [403, 503])
def test_a_page_of_any_length_and_depth_is_quoted_briefly(server, capsys, status):
    for page in (b'[' * 100_000, b'{"error":{"message":"' + b'm' * 100_000 + b'"}}'):
        server.answers = [(status, {}, page)] * 20
        post(server.url, retries=2)
        said = capsys.readouterr().err
        assert f'{status}: ' in said
        assert len(said) < 500


@pytest.mark.parametrize('begins', [b'', b'Content-Length: 1000\r\n\r\n'])
def test_an_answer_that_trickles_is_no_answer(begins, capsys):
    """The timeout of a socket begins anew with each byte."""
    with socket.create_server(('127.0.0.1', 0)) as listening:

        def trickle():
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    connection.sendall(b'HTTP/1.1 200 OK\r\nThalweg-Expected: 1\r\n' + begins)
                    with contextlib.suppress(OSError):
                        for _ in range(100):
                            time.sleep(0.05)
                            connection.sendall(b'x')

        threading.Thread(target=trickle, daemon=True).start()
        began = time.monotonic()
        post(f'http://127.0.0.1:{listening.getsockname()[1]}/', retries=1, timeout=0.3)
    assert time.monotonic() - began < 4
    assert 'no answer (timed out)' in capsys.readouterr().err


def test_half_an_answer_is_asked_for_again(server, capsys):
    lines = []
    server.answers = [(200, {'Content-Length': '500', 'Thalweg-Expected': '1'}, b'{"half')]
    post(server.url, summaries=lines.extend)
    assert len(server.requests) > 1
    assert lines == []
    assert capsys.readouterr().err == ''


def test_a_function_that_fails_is_named_once_and_posting_goes_on(server, capsys):
    server.answers = [(200, {'Thalweg-Expected': str(number)}, b'{}') for number in (1, 2)]
    post(server.url, summaries=lambda lines: lines[5], piece_bytes=100)
    assert len(server.requests) > 2
    assert capsys.readouterr().err.count('the function that takes summaries failed: IndexError') == 1


def test_credentials_are_sent_as_http_has_them(server):
    post(server.url, token=f'{SECRET}\n')
    assert server.requests[-1][1]['Authorization'] == f'Bearer {SECRET}'
    post(server.url.replace('127', 'me:p%40ss@127') + '?a=1')
    path, headers = server.requests[-1]
    assert (path, headers['Authorization']) == ('/runs/x/frames?a=1', 'Basic bWU6cEBzcw==')


@pytest.mark.parametrize(
    ('url', 'token', 'words'),
    [
        ('http://127.0.0.1/x', f'{SECRET}\n{SECRET}', 'character 20 of the token'),
        ('http://127.0.0.1/x', f'{SECRET}é', 'character 20 of the token'),
        (f'http://host:{SECRET}/x', None, 'the port of the address is not a number'),
        (f'{SECRET}/x', None, 'must begin with http'),
        (f'ftp://{SECRET}/x', None, 'must begin with http'),
        (f'http://host/{SECRET} x', None, 'must be escaped'),
    ],
)
def test_what_cannot_be_posted_to_is_refused_without_its_value(url, token, words):
    with pytest.raises(ValueError, match=words) as refused:
        Post(url, token)
    assert SECRET not in str(refused.value)


def test_that_nothing_answers_is_said_within_seconds_and_once(capsys):
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        port = free.getsockname()[1]
    out = Post(f'http://127.0.0.1:{port}/runs/x/frames', retries=6, backoff=0.5)
    stream = Stream([('w', np.zeros(4, 'f4'))], out=out)
    began, said = time.monotonic(), ''
    while not said and time.monotonic() - began < 10:
        stream.record()
        time.sleep(0.05)
        said += capsys.readouterr().err
    assert time.monotonic() - began < 5
    assert 'no answer (Connection refused)' in said
    time.sleep(3)
    assert capsys.readouterr().err == ''


def test_a_host_that_swallows_connections_is_given_up_within_seconds(capsys, monkeypatch):
    monkeypatch.setattr('thalweg._http.CONNECT_SECONDS', 0.5)
    full = socket.socket()
    full.bind(('127.0.0.1', 0))
    full.listen(0)
    waiting = [socket.socket() for _ in range(4)]
    for each in waiting:
        each.setblocking(False)
        each.connect_ex(full.getsockname())
    began = time.monotonic()
    post(f'http://127.0.0.1:{full.getsockname()[1]}/x', retries=1, timeout=30)
    assert time.monotonic() - began < 10
    assert 'did not take piece 0 in 2 tries' in capsys.readouterr().err


def test_an_interrupt_at_any_moment_of_close_lets_the_next_close_end(server):
    """At the first operation of Python within close(), at the second, and so on; not within the join of a thread."""

    def interrupt_at(operation):
        count = itertools.count(1)

        def trace(frame, event, _):
            if frame.f_code is threading.Thread.join.__code__:
                return None
            frame.f_trace_opcodes = True
            if event == 'opcode' and next(count) == operation:
                raise KeyboardInterrupt
            return trace

        return trace

    for operation in itertools.count(1):
        out = Post(server.url, piece_seconds=0)
        before = sys.gettrace()
        sys.settrace(interrupt_at(operation))
        try:
            out.close()
        except KeyboardInterrupt:
            sys.settrace(before)
            closing = threading.Thread(target=out.close, daemon=True)
            closing.start()
            closing.join(10)
            assert not closing.is_alive(), f'close() waits for ever after an interrupt at operation {operation}'
        else:
            break
        finally:
            sys.settrace(before)
    assert operation > 5
