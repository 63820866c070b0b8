import type { Summary } from '../../engine/summary.ts'
import type { Feed } from './feed.ts'

type Fetch = (request: Request) => Promise<Response>

/** For how many runs the number of the next piece is remembered. */
const mostRuns = 1024

/** How many stored runs are shown or listed at the start. */
const mostStored = 1000

export interface Shown {
  /** The handler, changed so that its answers are also shown. */
  readonly fetch: Fetch
  /**
   * Shows the newest summaries of the last of these runs. They were posted to an earlier process.
   *
   * @param headers headers that authorise a request
   */
  showStored(runs: readonly string[], headers: HeadersInit): Promise<void>
}

/**
 * Passes the answers of a handler for posted runs to a feed. There a run's name is its id. A piece that is posted again is shown
 * once. For a run that began before this process, the newest summaries are shown first.
 */
export function shownTo(feed: Feed, fetch: Fetch): Shown {
  const next = new Map<string, number>()

  const expect = (run: string, sequence: number): void => {
    next.set(run, sequence)
    if (next.size > mostRuns) next.delete(next.keys().next().value!)
  }

  const show = (run: string, text: string): void => {
    const summaries = text
      .split('\n')
      .filter((line) => line.startsWith('{"schema":"thalweg.summary/'))
      .map((line) => ({ ...(JSON.parse(line) as Summary), run }))
    feed.add(summaries)
  }

  const latest = (base: string, run: string, given: HeadersInit): Promise<Response> => {
    const headers = new Headers(given)
    for (const name of ['content-length', 'content-type', 'transfer-encoding']) headers.delete(name)
    return fetch(new Request(new URL(`/runs/${run}`, base), { headers }))
  }

  return {
    async fetch(request) {
      const [, run, what] =
        /^\/runs\/([\w-]{1,64})(\/frames)?$/.exec(new URL(request.url).pathname) ?? []
      const isPiece = request.method === 'POST' && what !== undefined
      const isEnd = request.method === 'DELETE' && what === undefined
      const response = await fetch(request)
      if (run === undefined || !(isPiece || isEnd) || !response.ok) return response
      const text = await response.text()
      const sequence = Number(request.headers.get('Thalweg-Sequence'))
      const expected = next.get(run)
      if (isEnd) {
        next.delete(run)
        show(run, text)
      } else {
        if (expected === undefined && sequence > 0) {
          const newest = await latest(request.url, run, request.headers)
          if (newest.ok) show(run, await newest.text())
        } else if (sequence >= (expected ?? 0)) show(run, text)
        expect(run, Math.max(sequence + 1, expected ?? 0))
      }
      const { status, headers } = response
      return new Response(text, { status, headers })
    },

    async showStored(runs, headers) {
      for (const run of runs.slice(-mostStored)) {
        const newest = await latest('http://localhost', run, headers)
        if (!newest.ok) continue
        show(run, await newest.text())
        expect(run, Number(newest.headers.get('Thalweg-Expected')))
      }
    },
  }
}
