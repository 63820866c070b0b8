import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { settingsOf } from '../../src/analyse.ts'
import { planRun } from '../../src/engine/planning/fit.ts'
import { planUnlimited } from '../../src/engine/planning/plan.ts'
import { Run } from '../../src/engine/run/run.ts'
import { StateLoader } from '../../src/engine/state/load.ts'
import { saveState } from '../../src/engine/state/save.ts'
import type { Summary } from '../../src/engine/summary.ts'
import type { ThalwegError } from '../../src/error.ts'
import type { StageValue } from '../../src/stage/define.ts'
import { foldingError, sketchRows } from '../../src/stage/sketch.ts'
import { cmd } from '../../src/stages/cmd/index.ts'
import { ftle } from '../../src/stages/ftle/index.ts'
import { svd } from '../../src/stages/svd/index.ts'
import type { Frame, OpenFrame } from '../../src/wire/frame.ts'
import { orthonormal } from '../stages/svd/spectra.ts'
import { analysed } from './analysed.ts'
import { anchor, bytes, close, delta, openFrame, random } from './frames.ts'

const scatterOf = foldingError(sketchRows)
const small = { memory: { max: 64 * 2 ** 20 } }

const sketch = suite('a sketch')

const MiB = 2 ** 20
const rows = 2 ** 18
const steps = 24
const sigma = Array.from({ length: 6 }, (_, k) => 0.8 ** k)
const folded = svd({ tier: 'sketch', rank: 6, columns: 12 })

/** Deltas U diag(sigma) Vᵀ, with left vectors given by where they have what; orthogonal, since no two share a row. */
function deltasOf(entry: (row: number, k: number) => number): Float32Array[] {
  const norms = sigma.map(() => 0)
  const left = sigma.map((_, k) => {
    const u = Float64Array.from({ length: rows }, (_, row) => entry(row, k))
    norms[k] = Math.sqrt(u.reduce((sum, value) => sum + value * value, 0))
    return u
  })
  const right = orthonormal(steps, sigma.length, 5)
  return Array.from({ length: steps }, (_, t) => {
    const column = new Float32Array(rows)
    left.forEach((u, k) => {
      const factor = (sigma[k]! * right[k]![t]!) / norms[k]!
      for (let row = 0; row < rows; row++) if (u[row] !== 0) column[row]! += factor * u[row]!
    })
    return column
  })
}

const noise = random(11)
const structures = {
  'heavy tails': deltasOf((row, k) => (row % 6 === k ? noise() ** -1 : 0)),
  'single columns of a matrix 4,096 wide': deltasOf((row, k) => Number(row % 4096 === 100 * k)),
  'constant blocks': deltasOf((row, k) => Number(Math.floor(row / 40_000) === k)),
}

const streamOf = (columns: readonly ArrayLike<number>[]): Frame[] => [
  openFrame([{ name: 'w', shape: [rows] }]),
  ...columns.map((column, t) => delta(t + 1, [bytes(column)], { base: t })),
  close(steps),
]

const last = (summaries: readonly Summary[], type: string) =>
  summaries.filter((summary) => summary.type === type).at(-1)!.values as Record<string, unknown>
const valuesOf = (summaries: readonly Summary[]) =>
  last(summaries, 'svd').singularValues as number[]

for (const [name, columns] of Object.entries(structures)) {
  sketch(`gives singular values within a few times its stated scatter: ${name}`, () => {
    let squares = 0
    for (const seed of [0, 1, 2]) {
      const values = valuesOf(analysed(streamOf(columns), [folded], { seed }))
      sigma.forEach((s, k) => {
        const error = (values[k]! - s) / s
        assert.ok(Math.abs(error) < 4 * scatterOf, `seed ${seed}, value ${k}: ${error}`)
        squares += error * error
      })
    }
    const scatter = Math.sqrt(squares / (3 * sigma.length)) / scatterOf
    assert.ok(scatter < 1.6, `scatter ${scatter} of what is stated`)
  })
}

sketch('is the same to the bit for any number of shards and any pieces of the payload', () => {
  const columns = structures['heavy tails'].slice(0, 8)
  const frames = streamOf(columns)
  const figures = (shards: number) =>
    analysed(frames, [folded], { block: 4, shards }).filter(({ type }) => type !== 'run')
  const whole = figures(1)
  for (const shards of [2, 3, 4, 8]) assert.equal(figures(shards), whole, `${shards} shards`)

  const pieces = [0, 5, 70_001, 70_002, 200_000, rows]
  const cut = frames.flatMap((frame): Frame[] => {
    if (frame.kind !== 'delta') return [frame]
    const data = frame.data[0] as Uint8Array
    return pieces.slice(1).map((to, i) => ({
      ...frame,
      data: [{ o: pieces[i]!, b: data.subarray(4 * pieces[i]!, 4 * to) }],
      more: to < rows,
    }))
  })
  assert.equal(valuesOf(analysed(cut, [folded], { block: 4 })), valuesOf(whole))

  const sparse = frames.map((frame) => {
    if (frame.kind !== 'delta') return frame
    const values = new Float32Array((frame.data[0] as Uint8Array).buffer)
    const i = Uint32Array.from({ length: rows }, (_, row) => row).filter((row) => values[row] !== 0)
    const v = Float32Array.from(i, (row) => values[row]!)
    return { ...frame, data: [{ i: new Uint8Array(i.buffer), v: new Uint8Array(v.buffer) }] }
  })
  assert.equal(valuesOf(analysed(sparse, [folded], { block: 4 })), valuesOf(whole))
})

sketch(
  'gives the exponent of twins that part along one direction as if nothing were folded',
  () => {
    const next = random(3)
    const values = (scale: number) => Float32Array.from({ length: rows }, () => scale * next())
    const direction = values(1e-3)
    const weights = values(1)
    const apart = (t: number) => 1.25 ** t
    const frames: Frame[] = [
      openFrame([{ name: 'w', shape: [rows] }], { members: 2, coupled: true }),
      anchor(0, [bytes(weights)]),
      anchor(0, [bytes(weights.map((w, i) => w + direction[i]!))], { member: 1 }),
    ]
    for (let t = 1; t <= 20; t++) {
      const move = values(1e-2)
      const twin = move.map((x, i) => x + (apart(t) - apart(t - 1)) * direction[i]!)
      frames.push(delta(t, [bytes(move)]), delta(t, [bytes(twin)], { member: 1 }))
    }
    frames.push(close(frames.length - 1))
    const exponent = (stages: StageValue[]) =>
      (last(analysed(frames, stages), 'ftle').exponents as number[])[0]!
    assert.ok(Math.abs(exponent([folded, ftle()]) - Math.log(1.25)) < 1e-5)
    assert.ok(Math.abs(exponent([ftle()]) - Math.log(1.25)) < 1e-5)
  }
)

sketch('is taken where the basis does not fit, and says so in the first summary', () => {
  const frames = streamOf(structures['constant blocks'])
  const small = analysed(frames, [svd()], { memory: { max: 40 * MiB }, emit: { every: 1 } })
  const large = analysed(frames, [svd()], { memory: { max: 400 * MiB } })
  assert.is(last(small, 'svd').tier, 'sketch')
  assert.is(last(small, 'svd').upperBounds, null)
  assert.match(last(small, 'svd').why as string, 'upperBounds')
  assert.is(small.flatMap(({ alerts }) => alerts)[0]?.id, 'run/sketch')
  assert.is(last(large, 'svd').tier, 'basis')
  assert.is((last(large, 'svd').upperBounds as number[]).length, 16)
})

sketch('takes memory that does not grow with the model, and less than an edge runner has', () => {
  const bytesOf = (elements: number) =>
    planRun(
      openFrame([{ name: 'w', shape: [elements] }], { members: 2 }),
      settingsOf(small, svd(), ftle())
    ).bytes
  assert.is(bytesOf(1e9), bytesOf(1e7))
})

sketch(
  'folds tensors apart where a stage tells them apart, and leaves small ones as they are',
  () => {
    const open = openFrame([
      { name: 'a', shape: [300_000] },
      { name: 'b', shape: [1000] },
      { name: 'c', shape: [200_000] },
    ])
    const plan = planRun(open, settingsOf({}, svd({ tier: 'sketch', per: 'tensor' })))
    assert.equal(
      plan.stages[1]!.scopes.map(({ scope: { name, rows: r, elements } }) => [name, r, elements]),
      [
        ['tensor:a', 65_536, 300_000],
        ['tensor:b', 1000, 1000],
        ['tensor:c', 65_536, 200_000],
      ]
    )
    const together = planRun(open, settingsOf({}, svd({ tier: 'sketch' })))
    assert.is(together.layout.rows, 65_536)
  }
)

sketch('is planned in seconds for as many tensors as a stream may bring', () => {
  const tensors = Array.from({ length: 2 ** 16 }, (_, i) => ({ name: `${i}.w`, shape: [1000] }))
  const began = performance.now()
  const { layout, stages } = planUnlimited(
    openFrame(tensors),
    settingsOf(small, svd({ tier: 'sketch', per: 'tensor' }))
  )
  assert.ok(performance.now() - began < 10_000)
  assert.equal([layout.tensors.length, stages[1]!.scopes.length], [2 ** 16, 2 ** 16])
})

sketch('goes on to the bit from a state saved in the middle of a step', () => {
  const columns = structures['heavy tails'].slice(0, 3)
  const open = openFrame([{ name: 'w', shape: [rows] }])
  const frames = columns.flatMap((column, t) => {
    const data = bytes(column)
    return [
      delta(t + 1, [{ o: 0, b: data.subarray(0, 400_000) }], { more: true }),
      delta(t + 1, [{ o: 100_000, b: data.subarray(400_000) }]),
    ]
  })
  const settings = settingsOf({ block: 2 }, folded)
  const results = [0, 3].map((cut) => {
    const summaries: Summary[] = []
    const emit = (block: { summaries: readonly Summary[] }) => summaries.push(...block.summaries)
    let run = new Run(open, settings, emit)
    for (const frame of frames.slice(0, cut)) run.push(frame as Exclude<Frame, OpenFrame>)
    const loader = new StateLoader(settings, emit)
    for (const chunk of saveState(run)) loader.push(chunk.slice())
    run = loader.finish()
    for (const frame of frames.slice(cut)) run.push(frame as Exclude<Frame, OpenFrame>)
    run.end()
    return valuesOf(summaries)
  })
  assert.equal(results[1], results[0])
})

sketch('says what decided where another memory makes of a saved basis a sketch', () => {
  const open = openFrame([{ name: 'w', shape: [rows] }])
  const under = (max: number) => settingsOf({ memory: { max } }, svd())
  const loader = new StateLoader(under(40 * MiB), () => {})
  let message = ''
  try {
    for (const chunk of saveState(new Run(open, under(400 * MiB), () => {}))) loader.push(chunk)
  } catch (error) {
    message = (error as Error).message
  }
  assert.match(
    message,
    'region 0 of shard 0 is positions/high of 1048576 bytes, expected positions'
  )
  assert.match(message, 'By "memory.max" it is a sketch or none')
})

sketch('is refused beside a stage that looks at every weight, and proposed without it', () => {
  const code = (body: () => unknown): string => {
    try {
      body()
    } catch (error) {
      return `${(error as ThalwegError).code}: ${(error as Error).message}`
    }
    return 'nothing thrown'
  }
  const frames = streamOf(structures['heavy tails'].slice(0, 2))
  const beside = code(() => analysed(frames, [folded, cmd()]))
  assert.match(beside, /^E_CONFIG.*stage svd asks for a sketch, stage cmd looks at every weight/s)
  const open = openFrame([{ name: 'w', shape: [1e9] }])
  const large = code(() => planRun(open, settingsOf(small, svd(), cmd())))
  assert.match(large, /^E_MEMORY/)
  assert.match(large, '"stages":[{"type":"svd"}]')
  const reader = ftle({ method: 'local-linear', on: 'svd' })
  const read = code(() =>
    planRun(open, settingsOf(small, svd({ tier: 'basis' }), reader, svd({ id: 'own' })))
  )
  assert.match(read, /^E_MEMORY.*"stages":\[{"type":"svd","id":"own"}\]/s)
})

sketch.run()
