import type { Case } from './case.ts'
import { decoding, payloads } from './decode.ts'
import { errors } from './errors.ts'
import { lint } from './lint.ts'
import { stages } from './stages.ts'
import { state } from './state.ts'

export { stages }

export const cases: readonly Case[] = [decoding, payloads, lint, ...stages, state, errors]

/** The lines of each case, by its name. */
export type Outcome = Readonly<Record<string, readonly string[]>>

/** What cases make of a recording; the last line of one that failed says why. */
export async function outcome(cases: readonly Case[], recording: Uint8Array): Promise<Outcome> {
  const outcome: Record<string, string[]> = {}
  for (const { name, lines } of cases) {
    const own: string[] = []
    outcome[name] = own
    try {
      for await (const line of lines(recording)) own.push(line)
    } catch (error) {
      own.push(`failed: ${error}`)
    }
  }
  return outcome
}
