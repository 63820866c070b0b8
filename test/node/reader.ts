import { createHash } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { chunks } from '../../src/node/chunks.ts'
import { standardInput } from '../../src/node/standard-input.ts'

/** A process that is slow with its standard input: prints a hash of it, and of each chunk as it is a while later. */
const hashes = [createHash('sha256'), createHash('sha256')] as const
const never = new AbortController().signal
try {
  for await (const chunk of chunks(standardInput(), never, 'stdin')) {
    hashes[0].update(chunk)
    await wait(2)
    hashes[1].update(chunk)
  }
  process.stdout.write(hashes.map((hash) => hash.digest('hex')).join(' '))
} catch (error) {
  process.stdout.write((error as Error).message)
} finally {
  standardInput().destroy()
}
