import { createRequire } from 'node:module'
import { join } from 'node:path'
import { ThalwegError } from '../../error.ts'

/** Where an optional peer may lie: beside this package, else in the working directory's project. */
const places = () => [import.meta.url, join(process.cwd(), 'package.json')].map(createRequire)

/** Whether an error says that the package itself is not there. */
export function isAbsent(error: unknown, name: string): boolean {
  const { code, message } = error as NodeJS.ErrnoException
  return code === 'MODULE_NOT_FOUND' && message.includes(`'${name}`)
}

/**
 * Loads an optional peer.
 *
 * @throws what loading it throws; where it is absent, see `isAbsent`
 */
export function requirePeer(name: string): unknown {
  return withPeer(name, (require) => require(name))
}

/**
 * The path of a file of an optional peer.
 *
 * @throws E_PEER when the package is absent
 */
export function peerFile(name: string, path: string): string {
  try {
    return withPeer(name, (require) => join(require.resolve(`${name}/package.json`), '..', path))
  } catch (error) {
    if (!isAbsent(error, name)) throw error
    throw absentPeer(name, error)
  }
}

export function absentPeer(name: string, cause: unknown): ThalwegError {
  const message = `package ${name} is not installed. It is an optional peer: npm install ${name}`
  return new ThalwegError('E_PEER', message, { cause })
}

function withPeer<T>(name: string, use: (require: NodeJS.Require) => T): T {
  const [own, project] = places()
  try {
    return use(own!)
  } catch (error) {
    if (!isAbsent(error, name)) throw error
    return use(project!)
  }
}
