import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { handler, memoryStore, type Store, svd } from '../../../src/edge/index.ts'

/** What the server says of itself at the path `/memory`, in bytes. */
export interface Memory {
  /** What its store holds. */
  readonly stored: number
  /** Most that was resident; Linux says so. */
  readonly peak: number
}

/** The handler behind a server on this machine, one run at a time; prints its address. */
export async function serve(): Promise<void> {
  const { store, stored } = weighed(memoryStore())
  const fetch = handler(
    { stages: [{ type: 'svd', rank: 8 }] },
    {
      stages: [svd],
      store,
      authorize: ({ headers }) => headers.get('Authorization') ?? false,
      report: () => {},
    }
  )
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const { method, url } = incoming
    if (url === '/memory') {
      const memory: Memory = { stored: stored(), peak: process.resourceUsage().maxRSS * 1024 }
      outgoing.end(JSON.stringify(memory))
      return
    }
    const body = method === 'POST' ? Readable.toWeb(incoming) : null
    const headers = new Headers(incoming.headers as Record<string, string>)
    const init = { method, headers, body, duplex: 'half' } as unknown as RequestInit
    const response = await fetch(new Request(`http://localhost${url}`, init))
    outgoing.writeHead(response.status, Object.fromEntries(response.headers))
    outgoing.end(Buffer.from(await response.arrayBuffer()))
  }
  const server = createServer((incoming, outgoing) => {
    incoming.on('error', () => {})
    answer(incoming, outgoing).catch(() => outgoing.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
}

/** A store and the most bytes of chunks that it has held. */
function weighed(store: Store): { store: Store; stored(): number } {
  const sizes = new Map<string, number>()
  let now = 0
  let most = 0
  const set = (key: string, bytes: number): void => {
    now += bytes - (sizes.get(key) ?? 0)
    most = Math.max(most, now)
    if (bytes > 0) sizes.set(key, bytes)
    else sizes.delete(key)
  }
  const weighing: Store = {
    ...store,
    async putChunk(run, name, bytes) {
      set(`${run}/${name}`, bytes.length)
      await store.putChunk(run, name, bytes)
    },
    async delete(run, names) {
      for (const name of names ?? []) set(`${run}/${name}`, 0)
      await store.delete(run, names)
    },
  }
  return { store: weighing, stored: () => most }
}
