import { ThalwegError } from '../error.ts'
import { plain } from '../plain.ts'

/** Codes of the handler's own refusals, each with its HTTP status. */
const statuses = {
  E_RUN_ID: 400,
  E_SEQUENCE: 400,
  E_CREDENTIAL: 401,
  E_ROUTE: 404,
  E_NO_RUN: 404,
  E_METHOD: 405,
  E_SLOW: 408,
  E_GAP: 409,
  E_JOIN: 409,
  E_PIECE_SIZE: 413,
  E_RUN_SIZE: 413,
  E_ANSWER_SIZE: 413,
  E_CONTENT_TYPE: 415,
  E_STATE: 500,
  E_BUSY: 503,
  E_CONFLICT: 503,
  E_MISSING: 503,
} as const

/** A request that is refused, with its status and the code in its body. */
export class Refusal extends Error {
  readonly code: keyof typeof statuses
  readonly headers: Readonly<Record<string, string>>

  constructor(
    code: keyof typeof statuses,
    message: string,
    headers: Readonly<Record<string, string>> = {}
  ) {
    super(message)
    this.name = 'Refusal'
    this.code = code
    this.headers = headers
  }

  get status(): number {
    return statuses[this.code]
  }
}

/** The line `{"error": {"code": ..., "message": ...}}`. */
export const errorLine = (code: string, message: string): string =>
  `${plain(JSON.stringify({ error: { code, message } }))}\n`

/** The answer to a request that threw an error. Details that the client must not see are left out. */
export function refused(error: unknown): Response {
  const known = error instanceof Refusal || error instanceof ThalwegError
  const { code, message } = known ? error : { code: 'E_RUN', message: 'the request failed here.' }
  const status = error instanceof Refusal ? error.status : 500
  const headers = new Headers({ 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
  if (status === 503) headers.set('Retry-After', '1')
  if (error instanceof Refusal) {
    for (const [name, value] of Object.entries(error.headers)) headers.set(name, value)
  }
  return new Response(errorLine(code, message), { status, headers })
}
