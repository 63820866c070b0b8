import { from } from 'rxjs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type AnalyseOptions, analyse, settingsOf } from '../../src/analyse.ts'
import { memoryStore } from '../../src/edge/stores/memory.ts'
import { planRun } from '../../src/engine/planning/fit.ts'
import { type Summary, summaryLine } from '../../src/engine/summary.ts'
import type { ThalwegError } from '../../src/error.ts'
import type { StageValue } from '../../src/stage/define.ts'
import { cmd } from '../../src/stages/cmd/index.ts'
import { ftle } from '../../src/stages/ftle/index.ts'
import { health } from '../../src/stages/health/index.ts'
import { svd } from '../../src/stages/svd/index.ts'
import type { Frame, OpenFrame, Payload } from '../../src/wire/frame.ts'
import { edge, post } from '../edge/support.ts'
import { frame } from '../support/stream.ts'
import { anchor, bytes, delta, openFrame, random } from './frames.ts'

const tiny = suite('tiny tensors')

const stages = [
  svd({ rank: 3 }),
  cmd({ modes: 2, warmup: 4, choose: 4, samples: 32 }),
  svd({ rank: 2, id: 'odd', select: { include: ['odd.**', 'large'] } }),
]

interface Kept {
  readonly summaries: Summary[]
  readonly columns: Map<string, number[]>
  readonly error?: ThalwegError
}

function analysed(frames: Frame[], own: readonly StageValue[], options: AnalyseOptions = {}): Kept {
  const summaries: Summary[] = []
  const columns = new Map<string, number[]>()
  let error: ThalwegError | undefined
  from(frames)
    .pipe(analyse({ block: 4, emit: { every: 1 }, ...options }, ...own))
    .subscribe({
      next: (block) => {
        summaries.push(...block.summaries)
        for (const { step, tensor } of block.columns) {
          for (const name of ['odd.299', 'even.4', 'large']) {
            columns.set(
              `${step}/${name}`,
              tensor(name).flatMap((part) => [...part])
            )
          }
        }
      },
      error: (thrown: ThalwegError) => {
        error = thrown
      },
    })
  return { summaries, columns, error }
}

/** Tensors of three elements, by turns in two folders, and a large one in their midst. */
const shapes = [
  ...Array.from({ length: 600 }, (_, i) => ({
    name: `${i % 2 ? 'odd' : 'even'}.${Math.floor(i / 2)}`,
    shape: [3],
  })),
  { name: 'large', shape: [700] },
]

function frames(payload: (values: number[], step: number) => Payload = (values) => bytes(values)) {
  const next = random(4)
  const values = (scale: number) =>
    shapes.map(({ shape: [n] }) => Array.from({ length: n! }, () => scale * next()))
  const made: Frame[] = [
    openFrame(shapes),
    anchor(
      0,
      values(1).map((x) => bytes(x))
    ),
  ]
  for (let step = 1; step <= 16; step++) {
    const wave = Math.sin(step / 3) / 50
    const data = values(0.01).map((row) => row.map((x, i) => x + (i % 3 ? wave : -wave)))
    made.push(
      delta(
        step,
        data.map((row) => payload(row, step)),
        { base: step - 1 }
      )
    )
  }
  return made
}

const lines = ({ summaries }: Kept, without: readonly string[] = ['run']): string[] =>
  summaries.filter(({ type }) => !without.includes(type)).map(summaryLine)

tiny('that no scope keeps apart take the rows that they have, and the figures are the same', () => {
  // The same weights as three tensors: those of one folder, those of the other, the large one.
  const grouped = (made: Frame[]): Frame[] =>
    made.map((each) => {
      if (each.kind === 'open') {
        const tensors = ['even', 'odd.w', 'large'].map((name, i) => ({
          name,
          shape: [[900, 900, 700][i]!],
        }))
        return openFrame(tensors)
      }
      if (!('data' in each)) return each
      const of = (rest: number) =>
        Buffer.concat(each.data.slice(0, 600).filter((_, i) => i % 2 === rest) as Uint8Array[])
      return {
        ...each,
        data: [of(0), of(1), each.data[600]!].map((x) => x && new Uint8Array(x as Uint8Array)),
      }
    })
  const withoutCmd = [stages[0]!, stages[2]!]
  assert.equal(
    lines(analysed(frames(), withoutCmd)),
    lines(analysed(grouped(frames()), withoutCmd))
  )
})

tiny('are the same bits over shards, and in any form of payload', () => {
  const whole = lines(analysed(frames(), stages))
  assert.ok(whole.length > 12)
  for (const shards of [2, 3, 5]) {
    assert.equal(lines(analysed(frames(), stages, { shards })), whole)
  }
  const indices = (n: number) => new Uint8Array(Uint32Array.from({ length: n }, (_, i) => i).buffer)
  const sparse = frames((x) => ({ i: indices(x.length), v: bytes(x) }))
  assert.equal(lines(analysed(sparse, stages)), whole)
  const ranges = frames((x) => ({ o: 0, b: bytes(x) }))
  assert.equal(lines(analysed(ranges, stages, { shards: 2 })), whole)
})

tiny('are found again by their names', () => {
  const made = frames()
  const { columns, summaries } = analysed(made, stages)
  for (const each of made) {
    if (each.kind !== 'delta') continue
    for (const [name, index] of [
      ['odd.299', 599],
      ['even.4', 8],
      ['large', 600],
    ] as const) {
      const sent = each.data[index] as Uint8Array
      const expected = [...new Float32Array(sent.buffer, sent.byteOffset, sent.length / 4)]
      assert.equal(columns.get(`${each.step}/${name}`), expected, `${name} at ${each.step}`)
    }
  }
  const { values } = summaries.filter(({ stage }) => stage === 'cmd').at(-1)!
  const modes = values.modes as { reference: { tensor: string; index: number } }[]
  assert.is(modes.length, 2)
  for (const { reference } of modes) {
    assert.match(reference.tensor, /^(odd|even)\.\d+$|^large$/)
    assert.ok(reference.index < (reference.tensor === 'large' ? 700 : 3))
  }
  assert.match(values.why as string, 'layers are not told apart among 601 tensors')
})

const openOf = (count: number, shape: number[] = []): OpenFrame =>
  openFrame(Array.from({ length: count }, (_, i) => ({ name: `layer.${i}.gain`, shape })))

tiny('are a tile each while they are few, as ever', () => {
  const { layout } = planRun(openOf(256), settingsOf({}, svd()))
  assert.is(layout.tiles, 256)
  assert.is(planRun(openOf(257), settingsOf({}, svd())).layout.tiles, 2)
})

tiny('cost what their bytes cost: 65,536 of one element fit an edge instance', () => {
  const memory = { max: 64 * 2 ** 20 }
  const many = planRun(openOf(65_536), settingsOf({ memory }, svd(), cmd()))
  const one = planRun(openOf(1, [65_536]), settingsOf({ memory }, svd(), cmd()))
  assert.is(many.folded, false)
  assert.is(many.bytes, one.bytes)
})

for (const [what, shape, json] of [
  ['the default pipeline', [1e6], [{ type: 'svd' }, { type: 'cmd' }, { type: 'ftle' }]],
  ['a basis', [1e6], [{ type: 'svd', tier: 'basis' }]],
  ['every tensor by itself', [1000], [{ type: 'svd', per: 'tensor' }]],
  ['the health of every tensor', [], [{ type: 'health', per: 'tensor' }]],
] as const) {
  tiny(`too many for ${what} are refused in no time`, async () => {
    const tensors = openOf(65_536, [...shape]).tensors.map(({ name, shape, dtype }) => ({
      name,
      shape,
      dtype,
    }))
    const opened = frame('open', { version: 1, run: 'r', tensors })
    const limits = { tensors: 65_536 }
    const own = { stages: [svd, cmd, ftle, health] }
    const fetch = edge(memoryStore(), own, { limits, stages: json })
    await post(
      fetch,
      'warm',
      0,
      frame('open', { version: 1, run: 'r', tensors: tensors.slice(0, 9) })
    )
    const began = performance.now()
    const { status, text } = await post(fetch, 'a', 0, opened)
    const took = performance.now() - began
    assert.is(status, 422)
    assert.match(text, 'E_MEMORY')
    // Two complete settings that would fit.
    assert.is(JSON.parse(text).error.message.match(/^ {2}\{.*\}/gm).length, 2)
    assert.ok(took < 4000, `${took} ms`)
  })
}

tiny.run()
