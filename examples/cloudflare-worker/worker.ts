import {
  cmd,
  type DurableStorage,
  durableObjectStore,
  ftle,
  handler,
  health,
  svd,
} from 'thalweg/edge'

const pipeline = {
  block: 16,
  stages: [{ type: 'svd', rank: 8 }, { type: 'cmd' }, { type: 'ftle' }],
}

interface Environment {
  readonly RUNS: {
    idFromName(name: string): object
    get(id: object): { fetch(request: Request): Promise<Response> }
  }
  /** A secret. Trainers and readers send it as `Authorization: Bearer ...`. */
  readonly THALWEG_TOKEN: string
}

/** Holds one run in its storage and, while it is alive, in its memory. Only the worker can reach it. */
export class RunObject {
  readonly #answer: (request: Request) => Promise<Response>

  constructor({ storage }: { readonly storage: DurableStorage }) {
    this.#answer = handler(pipeline, {
      stages: [health, svd, cmd, ftle],
      store: durableObjectStore(storage),
      authorize: () => true,
    })
  }

  fetch(request: Request): Promise<Response> {
    return this.#answer(request)
  }
}

export default {
  async fetch(request: Request, { RUNS, THALWEG_TOKEN }: Environment): Promise<Response> {
    if (!shows(THALWEG_TOKEN, request)) {
      const message = 'this needs a valid credential.'
      return refused(request, 401, 'E_CREDENTIAL', message, { 'WWW-Authenticate': 'Bearer' })
    }
    const run = /^\/runs\/([^/]+)/.exec(new URL(request.url).pathname)?.[1]
    if (run === undefined) {
      return refused(request, 404, 'E_ROUTE', 'there is nothing here. Runs are at /runs/:id.')
    }
    return RUNS.get(RUNS.idFromName(run)).fetch(request)
  },
}

/** Refuses a request after reading its body. If a body is left unread, the connection may be dropped and the answer with it. */
async function refused(
  { body }: Request,
  status: number,
  code: string,
  message: string,
  headers = {}
): Promise<Response> {
  let left = 4_194_304
  const passed = new WritableStream<Uint8Array>({
    write({ length }, controller) {
      left -= length
      if (left < 0) controller.error()
    },
  })
  // A client that sends more, or takes longer, is still answered.
  await body?.pipeTo(passed, { signal: AbortSignal.timeout(5000) }).catch(() => {})
  return Response.json({ error: { code, message } }, { status, headers })
}

/** Compares in constant time, wherever the texts differ. */
function shows(token: string, { headers }: Request): boolean {
  if (!token) throw new Error('THALWEG_TOKEN is not set: wrangler secret put THALWEG_TOKEN')
  const encoder = new TextEncoder()
  const expected = encoder.encode(`Bearer ${token}`)
  const given = encoder.encode(headers.get('Authorization') ?? '')
  const { subtle } = crypto as unknown as {
    subtle: { timingSafeEqual(a: Uint8Array, b: Uint8Array): boolean }
  }
  return given.length === expected.length && subtle.timingSafeEqual(given, expected)
}
