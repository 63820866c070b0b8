import { ThalwegError } from '../error.ts'
import { parseOptions } from '../spec/parse.ts'
import { throwErrors } from '../spec/problem.ts'
import { textOf } from './blob.ts'
import { Body, type BodyLimits, Buffers, drain } from './body.ts'
import { Clients, clientOf } from './clients.ts'
import { crossOrigin, type Fetch } from './cross-origin.ts'
import { Bell, events, streamed } from './events.ts'
import { decodeHead, type Head } from './head.ts'
import { noRun } from './known-head.ts'
import { type HandlerLimits, type HandlerLimitsInput, limitFields } from './limits.ts'
import { Patience } from './patience.ts'
import { Refusal, refused } from './refusal.ts'
import { numberOf, type Route, routeOf } from './route.ts'
import { Sessions } from './sessions.ts'
import { edgeSettings } from './settings.ts'
import { Slots } from './slots.ts'
import type { Store } from './store.ts'

/** Answers a client's authorised request about a run. */
type Answer = (run: string, request: Request, client: string) => Promise<Response>

/**
 * How much is read of a request without a credential, so that the client gets its answer: one piece of the size that posters
 * make.
 */
const strangers: BodyLimits = { pieceBytes: 2 ** 22, pieceMs: 5000 }

export interface HandlerOptions {
  /** The stages that the pipeline may name, such as `[svd, ftle]`; only these are bundled. */
  readonly stages: readonly { readonly definition: unknown }[]
  readonly store: Store
  /**
   * Whether this request may do what it asks for with this run. It must not read the body. There is no default: to let
   * everybody in, write `() => true`. If it returns a name instead of `true`, the limits per client count by this name;
   * otherwise by the header `Authorization`, or by the run if there is none.
   */
  readonly authorize: (
    request: Request,
    run: string
  ) => boolean | string | Promise<boolean | string>
  readonly limits?: HandlerLimitsInput
  /**
   * Origins whose pages may post and read, such as `['https://example.com']`, or `['*']`; default: none. This only lets
   * browsers send the request: `authorize` still decides, and cookies are not sent along.
   */
  readonly origins?: readonly string[]
  /** Gets failures of the handler that clients must not see, such as a store that is down; default `console.error`. */
  readonly report?: (error: unknown) => void
}

/**
 * A fetch handler that analyses runs which come in as many short requests.
 *
 * `POST /runs/:id/frames` takes the next piece of a stream, `GET /runs/:id` gives the newest summaries,
 * `GET /runs/:id/events` all that come, `DELETE /runs/:id` ends the run.
 *
 * @param pipeline a pipeline's JSON without `source` and `sinks`
 * @throws E_CONFIG, at once, for what is wrong with the pipeline or the options
 *
 * @example
 * ```ts
 * export default {
 *   fetch: handler({ stages: [{ type: 'svd' }] }, { stages: [svd()], store: memoryStore(), authorize: () => true }),
 * }
 * ```
 */
export function handler(pipeline: object, options: HandlerOptions): Fetch {
  const { stages, store, authorize, report = console.error } = options
  if (typeof authorize !== 'function') {
    throw new ThalwegError(
      'E_CONFIG',
      'handler: "authorize" is missing. Say who may use which run; to let everybody in, write authorize: () => true.'
    )
  }
  const limits = parsedLimits(options.limits)
  const slots = new Slots(limits.runs)
  const sessions = new Sessions({ settings: edgeSettings(pipeline, stages), store, limits, slots })
  const buffers = new Buffers(limits.bodyBytes)
  const requests = new Clients(limits.clientRequests, 'requests')
  const readers = new Clients(limits.clientListeners, 'streams of events')
  const patience = new Patience((client) => slots.spent(client))
  const bell = new Bell()
  let listeners = 0

  const post: Answer = async (run, request, client) => {
    const number = numberOf(request)
    const body = new Body(request, limits, buffers)
    try {
      const isEven = patience.isEven(client)
      // After a fruitless request of a client, its next piece is held only if this one will not be fruitless as well.
      const foretold = isEven
        ? undefined
        : await sessions.use(run, (session) => session.foretell(number))
      if (!foretold) await body.receive(() => (isEven && number.sequence > 0 ? slots.flows() : {}))
      const { text, status, expected, isNew } =
        foretold ??
        (await sessions.use(run, (session) => session.post({ ...number, body, client })))
      bell.ring(run)
      if (!isNew) patience.charge(client)
      return lines(text, status, expected)
    } finally {
      await body.dispose()
    }
  }

  const latest: Answer = async (run) => {
    for (let tries = 2; ; tries--) {
      const head = await known(store, run)
      try {
        return lines(await textOf(store, run, head.latest), 200, head.expected)
      } catch (error) {
        // A piece that was taken in the meantime has replaced the newest summaries.
        if (tries === 0 || !(error instanceof Refusal && error.code === 'E_MISSING')) throw error
      }
    }
  }

  const listen: Answer = async (run, { headers }, client) => {
    const head = await known(store, run)
    const id = headers.get('Last-Event-ID') ?? ''
    // An id that this run has not issued comes from an earlier run of the same name.
    const seen = /^\d{1,15}$/.test(id) && Number(id) < head.expected ? Number(id) : undefined
    if (head.ended && seen === head.expected - 1) {
      return new Response(null, { status: 204 })
    }
    if (listeners >= limits.listeners) {
      throw new Refusal('E_BUSY', `${listeners} streams of events are open here. Try again.`)
    }
    const leave = readers.enter(client)
    listeners++
    const stop = new AbortController()
    stop.signal.addEventListener('abort', () => {
      listeners--
      leave()
    })
    const body = streamed(events(store, bell, head, seen, limits, stop.signal), stop)
    const type = { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' }
    return new Response(body, { headers: type })
  }

  const end: Answer = async (run, _request, client) => {
    const text = await sessions.use(run, (session) => session.end(client))
    bell.ring(run)
    return lines(text, 200)
  }

  const answers: Record<Route['what'], Answer> = {
    frames: post,
    latest,
    events: listen,
    end,
  }

  const respond: Fetch = async (request) => {
    let unread: BodyLimits = strangers
    let client: string | undefined
    let leave = () => {}
    try {
      const { what, run } = routeOf(request)
      const allowed = await authorize(request, run)
      if (allowed !== true && (typeof allowed !== 'string' || allowed === '')) throw unauthorized()
      client = clientOf(allowed, request, run)
      if (what !== 'events') leave = requests.enter(client)
      unread = limits
      if (what !== 'events') await patience.wait(client)
      return await answers[what](run, request, client)
    } catch (error) {
      if (!(error instanceof Refusal)) report(error)
      else if (client !== undefined && isFruitless(error)) patience.charge(client)
      return refused(error)
    } finally {
      await drain(request, unread)
      leave()
    }
  }
  return options.origins ? crossOrigin(respond, options.origins) : respond
}

/** Whether a request failed because of what it asked for, and not because of something else that happened here. */
const isFruitless = ({ status, code }: Refusal): boolean => status < 500 || code === 'E_BUSY'

function parsedLimits(input: HandlerLimitsInput | undefined): HandlerLimits {
  const { value, problems } = parseOptions(limitFields, input, ['limits'])
  throwErrors(problems, 'handler')
  return value
}

async function known(store: Store, run: string): Promise<Head> {
  const stored = await store.head(run)
  const head = stored && decodeHead(run, stored.bytes)
  if (!head || head.deleted || head.expected === 0) throw noRun(run)
  return head
}

function lines(text: string, status: number, expected?: number): Response {
  const headers = new Headers({
    'Content-Type': 'application/x-ndjson',
    'Cache-Control': 'no-store',
  })
  if (expected !== undefined) headers.set('Thalweg-Expected', String(expected))
  return new Response(text, { status, headers })
}

function unauthorized(): Refusal {
  return new Refusal('E_CREDENTIAL', 'this needs a valid credential for the run.', {
    'WWW-Authenticate': 'Bearer',
  })
}
