import { Refusal } from './refusal.ts'

/** What a request asks for, and the run that it asks about. */
export interface Route {
  readonly what: 'frames' | 'latest' | 'events' | 'end'
  readonly run: string
}

const methods = {
  '/frames': { POST: 'frames' },
  '/events': { GET: 'events' },
  '': { GET: 'latest', DELETE: 'end' },
} as const

/**
 * `POST /runs/:id/frames`, `GET /runs/:id`, `GET /runs/:id/events`, `DELETE /runs/:id`.
 *
 * @throws E_ROUTE, E_RUN_ID, E_METHOD
 */
export function routeOf({ method, url }: Request): Route {
  const match = /^\/runs\/([^/]*)(\/frames|\/events|)$/.exec(new URL(url).pathname)
  if (!match) {
    throw new Refusal(
      'E_ROUTE',
      'there is nothing here. There are /runs/:id, /runs/:id/frames and /runs/:id/events.'
    )
  }
  const run = match[1]!
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(run)) {
    throw new Refusal('E_RUN_ID', "a run's id is 1 to 64 letters, digits, - and _.")
  }
  const known: Record<string, Route['what']> = methods[match[2] as keyof typeof methods]
  const what = Object.hasOwn(known, method) ? known[method] : undefined
  if (what === undefined) {
    const allow = Object.keys(known).join(', ')
    throw new Refusal('E_METHOD', `only ${allow} is possible here.`, { Allow: allow })
  }
  return { what, run }
}

const contentType = 'application/x-thalweg'

/** The headers of a piece. */
export interface Numbered {
  readonly sequence: number
  /** Set if the piece begins a stream that joins the open run: the name of the stream. */
  readonly join?: string
}

/**
 * The number of a posted piece, and whether another stream begins with it.
 *
 * @throws E_CONTENT_TYPE, E_SEQUENCE
 */
export function numberOf({ headers }: Request): Numbered {
  const [type] = (headers.get('Content-Type') ?? '').split(';')
  const encoding = headers.get('Content-Encoding') ?? 'identity'
  if (type!.trim().toLowerCase() !== contentType || encoding !== 'identity') {
    throw new Refusal(
      'E_CONTENT_TYPE',
      `frames are posted as they are, with Content-Type: ${contentType}.`
    )
  }
  const text = headers.get('Thalweg-Sequence') ?? ''
  if (!/^(0|[1-9]\d{0,14})$/.test(text)) {
    throw new Refusal(
      'E_SEQUENCE',
      'Thalweg-Sequence numbers the pieces of a run: 0 for the first, then 1, 2, ...'
    )
  }
  const join = headers.get('Thalweg-Join') ?? undefined
  if (join !== undefined && !/^[A-Za-z0-9_-]{1,64}$/.test(join)) {
    throw new Refusal(
      'E_SEQUENCE',
      'Thalweg-Join names a stream that joins a run: 1 to 64 letters, digits, - and _.'
    )
  }
  return { sequence: Number(text), join }
}
