import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

type Fetch = (request: Request) => Promise<Response>

/** What goes wrong with a request: it never arrives, its answer is lost, or somebody else answers it. */
export type Fault = 'dropped' | 'lost' | Response | undefined

export interface Seen {
  readonly sequence: number
  readonly bytes: Uint8Array
  /** Of the handler's answer; undefined where it did not see the request. */
  readonly status?: number
}

/** A handler behind a server on this machine. */
export interface Loopback {
  readonly url: string
  /** All requests, in the order in which they came. */
  readonly seen: Seen[]
  /** The bytes of the pieces that the handler took, each once, in order. */
  taken(): Uint8Array
  close(): Promise<void>
}

/** @param faultOf is asked about each request, by its number from 0 on */
export async function loopback(
  fetch: Fetch,
  faultOf: (request: number) => Fault | Promise<Fault> = () => undefined
): Promise<Loopback> {
  const seen: Seen[] = []
  let requests = 0
  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const fault = await faultOf(requests++)
    const headers = incoming.headers as Record<string, string>
    const sequence = Number(headers['thalweg-sequence'])
    if (fault === 'dropped') {
      seen.push({ sequence, bytes: new Uint8Array() })
      incoming.socket.destroy()
      return
    }
    const body = new Uint8Array(await buffer(incoming))
    const { method, url: path } = incoming
    const init = { method, headers, body: body.length > 0 ? body : undefined }
    const request = new Request(`http://${headers.host}${path}`, init)
    const response = fault instanceof Response ? fault : await fetch(request)
    seen.push({
      sequence,
      bytes: body,
      status: fault instanceof Response ? undefined : response.status,
    })
    if (fault === 'lost') {
      incoming.socket.destroy()
      return
    }
    outgoing.writeHead(response.status, Object.fromEntries(response.headers))
    outgoing.end(await response.text())
  }
  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch(() => outgoing.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/runs/mine/frames`,
    seen,
    taken() {
      const pieces: Uint8Array[] = []
      for (const { sequence, bytes, status } of seen) if (status === 200) pieces[sequence] = bytes
      return Buffer.concat(Object.values(pieces))
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
