import { timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ThalwegError } from '../../error.ts'
import { prometheusType } from '../../sinks/prometheus/text.ts'
import { htmlOf } from '../../sinks/report/html.ts'
import type { Feed } from './feed.ts'

/** How many bytes may wait for a reader. A slower one is disconnected; it reconnects and gets the whole picture. */
const waitingBytes = 16 * 2 ** 20
const quietMs = 15_000
const mostReaders = 64

export interface ServeOptions {
  /** 0 means any free port. */
  readonly port: number
  /** Default: only this machine. */
  readonly host?: string
  /** A page must know this token. Without a token only this machine is served. */
  readonly token?: string
  /** Whether `/readyz` says yes. Default: as soon as there is something to show. */
  readonly isReady?: () => boolean
  /** Answers requests under `/runs/`, and authorises them itself. */
  readonly runs?: (request: IncomingMessage, response: ServerResponse) => void
}

export interface Served {
  readonly url: string
  /** Tells pages that the run has ended. Settles when all connections are closed. */
  close(): Promise<void>
  /** Breaks all connections, as when the process dies. */
  drop(): Promise<void>
}

const loopback = ['127.0.0.1', '::1', 'localhost']

/**
 * Serves the page of a feed, its events, `/metrics`, and `/healthz` and `/readyz` for monitoring.
 *
 * @throws E_USAGE if other machines could read without a token, E_OUTPUT if the port is taken
 */
export async function serveFeed(
  feed: Feed,
  { port, host = '127.0.0.1', token, isReady = () => !feed.isEmpty, runs }: ServeOptions
): Promise<Served> {
  const isOpen = !loopback.includes(host)
  if (isOpen && token === undefined) {
    throw new ThalwegError(
      'E_USAGE',
      `--host ${host}: other machines can reach this. Give a token that they must know, as in --token $(openssl rand -hex 16).`
    )
  }
  const readers = new Set<ServerResponse>()
  const server = createServer((request, response) => {
    response.setHeader('X-Content-Type-Options', 'nosniff')
    response.setHeader('Cache-Control', 'no-store')
    response.setHeader('Referrer-Policy', 'no-referrer')
    const url = new URL(request.url ?? '/', 'http://localhost')
    if (!isOpen && isStrange(request)) return answer(response, 403, 'this host is not served')
    if (runs && url.pathname.startsWith('/runs/')) return runs(request, response)
    if (request.method !== 'GET') {
      const why = runs ? 'runs are posted to /runs/<id>/frames' : 'only GET is possible here'
      return answer(response, 405, why)
    }
    if (token !== undefined && !isEqual(tokenOf(request, url), token)) {
      return answer(response, 401, 'this needs the token')
    }
    if (url.pathname === '/') return page(feed, response, token)
    if (url.pathname === '/healthz') return answer(response, 200, 'ok')
    if (url.pathname === '/readyz') {
      return isReady() ? answer(response, 200, 'ok') : answer(response, 503, 'not ready yet')
    }
    if (url.pathname === '/metrics') {
      response.writeHead(200, { 'Content-Type': prometheusType }).end(feed.metrics)
      return
    }
    if (url.pathname !== '/events') return answer(response, 404, 'there is nothing here')
    if (readers.size >= mostReaders) return answer(response, 503, 'too many pages are open')
    readers.add(response)
    response.once('close', () => readers.delete(response))
    events(feed, request, url, response)
  })
  await listening(server, port, host)
  const { port: bound } = server.address() as AddressInfo
  const query = token === undefined ? '' : `?token=${encodeURIComponent(token)}`
  const name = host.includes(':') ? `[${host}]` : host
  return {
    url: `http://${name}:${bound}/${query}`,
    close: () => {
      feed.end()
      for (const reader of readers) reader.end()
      server.closeIdleConnections()
      return closed(server)
    },
    drop: () => {
      server.closeAllConnections()
      return closed(server)
    },
  }
}

/** Whether another site's name points to this machine (DNS rebinding). */
function isStrange({ headers }: IncomingMessage): boolean {
  const host = (headers.host ?? '').replace(/:\d+$/, '').replace(/^\[|\]$/g, '')
  return !loopback.includes(host)
}

/** A page has the token in its address. A metrics scraper sends it as a header. */
function tokenOf({ headers }: IncomingMessage, { searchParams }: URL): string {
  return searchParams.get('token') ?? /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? ''
}

/** Compares in constant time, so that the duration does not reveal how much is right. */
export function isEqual(given: string, token: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(token)]
  return a.length === b.length && timingSafeEqual(a, b)
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${text}\n`)
}

function page(feed: Feed, response: ServerResponse, token: string | undefined): void {
  const query = new URLSearchParams({
    after: feed.place,
    ...(token === undefined ? {} : { token }),
  })
  const html = htmlOf(feed.picture, `/events?${query}`)
  response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(html)
}

function events(feed: Feed, request: IncomingMessage, url: URL, response: ServerResponse): void {
  response.writeHead(200, { 'Content-Type': 'text/event-stream' })
  // The page must count as connected even before there is any event.
  response.flushHeaders()
  const place = request.headers['last-event-id'] ?? url.searchParams.get('after') ?? undefined
  const tell = (text: string): void => {
    if (response.writableLength > waitingBytes) response.destroy()
    else response.write(text)
  }
  const leave = feed.read(String(place ?? ''), tell)
  const timer = setInterval(() => tell(': nothing new\n\n'), quietMs)
  response.once('close', () => {
    clearInterval(timer)
    leave()
  })
}

function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const what = `the page cannot be served at ${host}:${port}: ${error.message}`
      reject(new ThalwegError('E_OUTPUT', `${what}. Name another port.`, { cause: error }))
    })
    server.listen(port, host, resolve)
  })
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
  })
}
