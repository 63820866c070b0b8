import type { Summary } from '../../engine/summary.ts'
import type { Feed } from './feed.ts'

type Fetch = (request: Request) => Promise<Response>

/** Runs whose next piece is remembered. */
const mostRuns = 1024

/**
 * Shows a feed what a handler of posted runs answers. A run goes by its id there. A piece that is posted again is shown once; of
 * a run that began before this process the newest summaries are shown first.
 */
export function shownTo(feed: Feed, fetch: Fetch): Fetch {
  const next = new Map<string, number>()

  const show = (run: string, text: string): void => {
    const summaries = text
      .split('\n')
      .filter((line) => line.startsWith('{"schema":"thalweg.summary/'))
      .map((line) => ({ ...(JSON.parse(line) as Summary), run }))
    feed.add(summaries)
  }

  const latest = async (request: Request, run: string): Promise<string> => {
    const headers = new Headers(request.headers)
    for (const name of ['content-length', 'content-type', 'transfer-encoding']) headers.delete(name)
    const response = await fetch(new Request(new URL(`/runs/${run}`, request.url), { headers }))
    return response.ok ? response.text() : ''
  }

  return async (request) => {
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
      if (expected === undefined && sequence > 0) show(run, await latest(request, run))
      else if (sequence >= (expected ?? 0)) show(run, text)
      next.set(run, Math.max(sequence + 1, expected ?? 0))
      if (next.size > mostRuns) next.delete(next.keys().next().value!)
    }
    const { status, headers } = response
    return new Response(text, { status, headers })
  }
}
