import { ThalwegError } from '../error.ts'
import { unescaped } from './escapes.ts'
import { cleaner, secretsOf } from './secrets.ts'

/**
 * The address and headers for posting. `fetch` does not accept a user and a password in the address, so they become a header.
 * Errors do not quote the values, because they may be secret.
 *
 * @throws E_CONFIG
 */
export function destination(
  address: string | URL,
  given: ConstructorParameters<typeof Headers>[0] = {}
): { url: URL; headers: Headers; clean: (text: string) => string } {
  const headers = new Headers()
  for (const [name, value] of entriesOf(given)) {
    try {
      headers.append(name, value)
    } catch {
      throw new ThalwegError(
        'E_CONFIG',
        `poster: header "${name}" has a value that no header may have. Look for a line break or a letter beyond Latin-1 in it.`
      )
    }
  }
  let url: URL
  try {
    url = new URL(address)
  } catch {
    throw new ThalwegError('E_CONFIG', 'poster: the address is not a URL. Begin it with https://')
  }
  const { username, password } = url
  url.username = url.password = ''
  if ((username || password) && !headers.has('Authorization')) {
    const user = [username, password].map(unescaped).join(':')
    const bytes = new TextEncoder().encode(user)
    headers.set('Authorization', `Basic ${btoa(String.fromCharCode(...bytes))}`)
  }
  return { url, headers, clean: cleaner([...secretsOf(url, headers), username, password]) }
}

function entriesOf(given: NonNullable<ConstructorParameters<typeof Headers>[0]>) {
  if (given instanceof Headers) return [...given]
  return Array.isArray(given) ? (given as [string, string][]) : Object.entries(given)
}
