import { handler } from '../../src/edge/handler.ts'
import type { Store } from '../../src/edge/store.ts'
import type { Settings } from '../../src/engine/settings/settings.ts'
import { written } from '../../src/engine/settings/written.ts'
import { stages } from '../../src/stages/registry.gen.ts'
import { cut, piece, randomPlaces } from '../edge/support.ts'
import type { Random } from './random.ts'

interface Told {
  readonly code: string
  readonly message: string
}

/** What a handler answers to a stream in pieces, some of them sent twice, by one instance or by several. */
export async function inPieces(
  stream: Uint8Array,
  { stages: parsed, rules: _, ...settings }: Settings,
  random: Random,
  store: Store
): Promise<{ readonly lines: readonly string[]; readonly error: Told | undefined }> {
  const pipeline = { ...settings, name: undefined, stages: parsed.map(written) }
  const instance = () =>
    handler(pipeline, {
      stages,
      store,
      authorize: () => true,
      report: () => {},
      limits: { stateBytes: random.pick([1, 50_000, 2 ** 40]) },
    })
  const places = randomPlaces(stream.length, random.between(0, 6), () => 2 * random.next() - 1)
  const pieces = cut(stream, places)
  const isCold = random.chance(0.5)
  let fetch = instance()
  let text = ''
  for (const [n, bytes] of pieces.entries()) {
    if (isCold) fetch = instance()
    const response = await fetch(piece('a', n, bytes))
    const own = await response.text()
    if (response.status !== 200) {
      const lines = own.trimEnd().split('\n')
      const { error } = JSON.parse(lines.pop()!) as { error: Told }
      return {
        lines: linesOf(text + lines.map((line) => `${line}\n`).join('')),
        error,
      }
    }
    if (random.chance(0.1)) {
      const again = await (await fetch(piece('a', n, bytes))).text()
      if (again !== own) throw new Error(`piece ${n} was answered otherwise the second time`)
    }
    text += own
  }
  return { lines: linesOf(text), error: undefined }
}

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/"memory":\d+/, '"memory":0'))
