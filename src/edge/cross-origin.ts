import { ThalwegError } from '../error.ts'

export type Fetch = (request: Request) => Promise<Response>

/** For how many seconds a browser need not ask again. */
const maxAge = 86_400

/**
 * Lets pages from these origins use a handler. It answers the preflight requests of browsers (OPTIONS, without credentials), and
 * lets pages see all answers and their headers, including refusals.
 *
 * @throws E_CONFIG if one of them is not an origin
 */
export function crossOrigin(fetch: Fetch, origins: readonly string[]): Fetch {
  for (const origin of origins) {
    if (origin === '*' || isOrigin(origin)) continue
    if (origin.includes('*')) {
      throw new ThalwegError(
        'E_CONFIG',
        `handler: "${origin}" in "origins" holds a wildcard, which stands for nothing there. Name each origin, or write "*" alone for all.`
      )
    }
    throw new ThalwegError(
      'E_CONFIG',
      `handler: "${origin}" in "origins" is no origin, expected one like "https://example.com", or "*".`
    )
  }
  return async (request) => {
    const origin = request.headers.get('Origin')
    const known = origin !== null && (origins.includes('*') || origins.includes(origin))
    const response = known && isPreflight(request) ? preflight(request) : await fetch(request)
    response.headers.append('Vary', 'Origin')
    if (!known) return response
    response.headers.set('Access-Control-Allow-Origin', origin)
    response.headers.set('Access-Control-Expose-Headers', 'Thalweg-Expected, Retry-After')
    return response
  }
}

function preflight({ headers }: Request): Response {
  return new Response(null, {
    status: 204,
    headers: {
      'Access-Control-Allow-Methods': 'GET, POST, DELETE',
      'Access-Control-Allow-Headers': headers.get('Access-Control-Request-Headers') ?? '',
      'Access-Control-Max-Age': String(maxAge),
    },
  })
}

function isPreflight({ method, headers }: Request): boolean {
  return method === 'OPTIONS' && headers.has('Access-Control-Request-Method')
}

function isOrigin(text: string): boolean {
  return !text.includes('*') && URL.canParse(text) && new URL(text).origin === text
}
