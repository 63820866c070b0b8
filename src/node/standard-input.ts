import { fstatSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { kept, readPipe } from './pipes.ts'

let input: Readable | undefined

/** Standard input. */
export function standardInput(): Readable {
  input ??= isPipe() ? readPipe(0) : kept(process.stdin)
  return input
}

function isPipe(): boolean {
  const stat = fstatSync(0)
  // In Bun, `onread` does not work with a descriptor.
  return (stat.isFIFO() || stat.isSocket()) && process.versions.bun === undefined
}
