import { fstatSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { hasDescriptors, kept, readPipe } from './pipes.ts'

let input: Readable | undefined

/** Standard input. */
export function standardInput(): Readable {
  input ??= hasDescriptors && isPipe() ? readPipe(0) : kept(process.stdin)
  return input
}

function isPipe(): boolean {
  const stat = fstatSync(0)
  return stat.isFIFO() || stat.isSocket()
}
