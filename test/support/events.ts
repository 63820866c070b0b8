// Reads event files of TensorBoard as far as tests of ours need it; that theirs read them is tested with theirs.
import { readFileSync } from 'node:fs'

/** The events of a file without their times, which no two runs share. */
export function timeless(path: string): Buffer[] {
  const file = readFileSync(path)
  const events: Buffer[] = []
  for (let at = 0; at < file.length; ) {
    const length = Number(file.readBigUInt64LE(at))
    const data = file.subarray(at + 12, at + 12 + length)
    // Field 1, the time, comes first: a tag of one byte and a double. A session holds its own time.
    if (!data.includes('_hparams_')) events.push(data.subarray(9))
    at += length + 16
  }
  return events
}
