import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { ThalwegError } from '../error.ts'

/** The error for an optional peer that is not installed. */
export class AbsentPeer extends ThalwegError {
  readonly peer: string

  constructor(peer: string, cause: unknown) {
    super(
      'E_PEER',
      `package ${peer} is not installed. It is an optional peer: npm install ${peer}`,
      {
        cause,
      }
    )
    this.peer = peer
  }
}

/**
 * Loads an optional peer, which is installed beside this package or in the project of the working directory.
 *
 * @param module one of its modules. Default: the package itself
 * @throws AbsentPeer if it is not installed, or the error from loading it
 */
export function requirePeer(name: string, module?: string): unknown {
  return find(name, (require) => require(module === undefined ? name : `${name}/${module}`))
}

/**
 * The path of a file of an optional peer.
 *
 * @throws AbsentPeer if it is not installed
 */
export function peerFile(name: string, path: string): string {
  return join(dirname(find(name, (require) => require.resolve(`${name}/package.json`))), path)
}

function find<T>(name: string, use: (require: NodeJS.Require) => T): T {
  let absence: unknown
  for (const place of [import.meta.url, join(process.cwd(), 'package.json')]) {
    try {
      return use(createRequire(place))
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      const absent = code === 'MODULE_NOT_FOUND' ? message.match(/'([^']+)'/)?.[1] : undefined
      if (absent !== name && !absent?.startsWith(`${name}/`)) throw error
      absence = error
    }
  }
  throw new AbsentPeer(name, absence)
}
