import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'

type Fetch = (request: Request) => Promise<Response>

/**
 * Makes a fetch handler a listener for Node's HTTP server. Bodies are streamed both ways, and a client that leaves ends its
 * answer.
 */
export function fetchListener(fetch: Fetch) {
  return (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    answer(fetch, incoming, outgoing).catch(() => outgoing.destroy())
  }
}

async function answer(fetch: Fetch, incoming: IncomingMessage, outgoing: ServerResponse) {
  const { method, url, headers } = incoming
  const hasBody = method === 'POST' || method === 'PUT'
  const known = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, String(value)]]
  )
  const body = hasBody ? { body: Readable.toWeb(incoming), duplex: 'half' } : {}
  const response = await fetch(
    new Request(`http://${headers.host ?? 'localhost'}${url}`, {
      method,
      headers: known,
      ...body,
    } as RequestInit)
  )
  outgoing.writeHead(response.status, Object.fromEntries(response.headers))
  if (response.body) await pipeline(Readable.fromWeb(response.body as ReadableStream), outgoing)
  else outgoing.end()
}
