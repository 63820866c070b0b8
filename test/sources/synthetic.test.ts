import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ThalwegError } from '../../src/error.ts'
import { synthetic } from '../../src/sources/synthetic/index.ts'
import { linear, maps } from '../../src/sources/synthetic/maps.ts'
import { parseOptions } from '../../src/spec/parse.ts'
import type { Frame } from '../../src/wire/frame.ts'
import { defaultLimits } from '../../src/wire/limits.ts'
import { FrameReader } from '../../src/wire/reader.ts'

const source = suite('the synthetic source')

/** The frames of a run, with their first tensor's values. */
async function framesOf(options: object): Promise<(Frame & { values?: number[] })[]> {
  const { definition } = synthetic()
  const { value } = parseOptions(definition.options, options, [])
  const reader = new FrameReader(defaultLimits)
  const frames: (Frame & { values?: number[] })[] = []
  for await (const chunk of definition.open(value as never, new AbortController().signal)) {
    reader.push(chunk)
    for (let frame = reader.next(); frame; frame = reader.next()) {
      const bytes = 'data' in frame ? (frame.data[0] as Uint8Array).slice() : new Uint8Array(0)
      frames.push({ ...frame, values: [...new Float64Array(bytes.buffer)] })
    }
  }
  assert.is(reader.end(), 'closed')
  return frames
}

source('writes a whole run whose deltas add up to the orbit', async () => {
  const frames = await framesOf({ map: 'henon', steps: 7, stride: 3, members: 2, epsilon: 1e-3 })
  assert.equal(
    frames.map((frame) => [frame.kind, 'step' in frame ? frame.step : 0]),
    [
      ['open', 0],
      ['anchor', 0],
      ['anchor', 0],
      ...[3, 3, 6, 6, 7, 7].map((step) => ['delta', step]),
      ['close', 0],
    ]
  )
  for (const member of [0, 1]) {
    const own = frames.filter((frame) => 'member' in frame && frame.member === member)
    let w = own[0]!.values!
    for (let t = 0; t < 7; t++) w = [1 - 1.4 * w[0]! ** 2 + w[1]!, 0.3 * w[0]!]
    w.forEach((value, i) => {
      const sum = own.reduce((total, frame) => total + frame.values![i]!, 0)
      assert.ok(Math.abs(sum - value) < 1e-13)
    })
  }
  const [a, b] = [frames[1]!.values!, frames[2]!.values!]
  assert.ok(Math.abs(Math.hypot(a[0]! - b[0]!, a[1]! - b[1]!) - 1e-3) < 1e-15)
})

source('gives the same bytes for a seed, others for another', async () => {
  const bytes = async (seed: number): Promise<string> =>
    JSON.stringify((await framesOf({ map: 'lorenz', steps: 5, tangents: 3, seed })).slice(1))
  assert.is(await bytes(3), await bytes(3))
  assert.is.not(await bytes(3), await bytes(4))
})

source('moves tangents by the Jacobian of each map', () => {
  for (const system of [linear([1.2, 0.7]), ...Object.values(maps)]) {
    const start = Float64Array.from(system.start, (value, i) => value + 0.01 * (i + 1))
    const direction = start.map((_, i) => 0.3 + 0.2 * i)
    const v = direction.slice()
    system.advance(start.slice(), [v])
    const h = 1e-6
    const at = (sign: number): Float64Array => {
      const w = start.map((value, i) => value + sign * h * direction[i]!)
      system.advance(w, [])
      return w
    }
    const [up, down] = [at(1), at(-1)]
    v.forEach((value, i) => {
      assert.ok(Math.abs((up[i]! - down[i]!) / (2 * h) - value) < 1e-8)
    })
  }
})

source('hands on orthonormal tangents and the factor that made them so', async () => {
  const frames = await framesOf({ map: 'henon', steps: 4, stride: 4, members: 1, tangents: 2 })
  const [p, q] = frames.filter((frame) => frame.kind === 'tangent').map((frame) => frame.values!)
  assert.ok(Math.abs(p![0]! * q![0]! + p![1]! * q![1]!) < 1e-15)
  assert.ok(Math.abs(Math.hypot(...q!) - 1) < 1e-15)
  const first = frames.find((frame) => frame.kind === 'tangent')!
  const r = new Float64Array((first as { reset: Uint8Array }).reset.slice().buffer)
  // The determinant of four Jacobians of Hénon is 0.3⁴.
  assert.ok(Math.abs(Math.abs(r[0]! * r[3]!) / 0.3 ** 4 - 1) < 1e-13)
  assert.is(r[2], 0)
})

source('gives coupled members one noise, others one each', async () => {
  const spread = async (coupled: boolean): Promise<number> => {
    const options = { map: 'linear', steps: 50, epsilon: 0, noise: 0.1, coupled }
    const frames = await framesOf({ ...options, multipliers: [0.5] })
    const of = (member: number): number[] =>
      frames.filter((f) => f.kind === 'delta' && f.member === member).map((f) => f.values![0]!)
    return Math.max(...of(0).map((value, t) => Math.abs(value - of(1)[t]!)))
  }
  assert.is(await spread(true), 0)
  assert.ok((await spread(false)) > 0.01)
})

source('refuses more tangents than there are dimensions', async () => {
  let error: unknown
  try {
    await framesOf({ map: 'logistic', tangents: 2 })
  } catch (thrown) {
    error = thrown
  }
  assert.is((error as ThalwegError).code, 'E_CONFIG')
  assert.match((error as Error).message, /2 tangents, but "logistic" has 1/)
})

source.run()
