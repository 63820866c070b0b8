import type { SourceValue } from '../pipeline/source.ts'
import { parseOptions } from '../spec/parse.ts'
import { joined } from '../wire/joined.ts'
import { readFrames } from '../wire/reader.ts'
import { expect, isSentence, runChecks } from './check.ts'

/** How a source is checked. */
export interface SourceChecks<Options> {
  readonly options: Options
  /** The bytes that must come, if they are known. */
  readonly bytes?: Uint8Array
}

/**
 * Checks everything that is required of a source: that it is described, that its bytes are a stream and the same at each opening,
 * that it ends when it is told to, and that it continues from any byte if it says so.
 *
 * @returns the names of the checks that passed
 * @throws an Error that names every check that failed, with its reason
 *
 * @example
 * ```ts
 * await checkSource(mySource, { options: { path }, bytes: readFileSync(path) })
 * ```
 */
export async function checkSource<Options>(
  source: (options?: Options) => SourceValue,
  { options, bytes }: SourceChecks<Options>
): Promise<string[]> {
  const { definition } = source()
  const parsed = parseOptions(definition.options, options)
  const read = async (from?: number, most = Number.POSITIVE_INFINITY): Promise<Uint8Array> => {
    const stop = new AbortController()
    const chunks: Uint8Array[] = []
    let length = 0
    for await (const chunk of definition.open(parsed.value as never, stop.signal, from)) {
      chunks.push(chunk.slice())
      length += chunk.length
      if (length >= most) stop.abort()
    }
    return joined(chunks)
  }
  return runChecks(`source ${definition.type}`, [
    {
      name: 'is described, and takes its options',
      run() {
        expect(isSentence(definition.summary), `summary is not a sentence: ${definition.summary}`)
        const texts = parsed.problems.map(({ message }) => message)
        expect(texts.length === 0, texts.join('; '))
      },
    },
    {
      name: 'gives a stream',
      async run() {
        const all = await read()
        expect(bytes === undefined || isSame(all, bytes), 'other bytes came than expected')
        let frames = 0
        for await (const _ of readFrames(once(all))) frames++
        expect(frames > 0, 'no frame came')
      },
    },
    {
      name: 'ends when it is told to',
      async run() {
        const all = await read()
        const some = await read(undefined, 1)
        expect(isSame(some, all.subarray(0, some.length)), 'the bytes until then differ')
      },
    },
    ...(definition.seeks
      ? [
          {
            name: 'goes on from any byte',
            async run() {
              const all = await read()
              for (const from of [1, all.length >> 1, all.length]) {
                expect(isSame(await read(from), all.subarray(from)), `from byte ${from}`)
              }
            },
          },
        ]
      : []),
  ])
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}
