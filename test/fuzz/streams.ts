import { toBf16, toF16 } from '../../src/wire/dtype.ts'
import type { Dtype } from '../../src/wire/frame.ts'
import { open as openFrame } from '../wire/streams.ts'
import type { Random } from './random.ts'

/** A frame before it is packed. */
export type Loose = Record<string, unknown>

interface Shape {
  readonly name: string
  readonly shape: readonly number[]
  readonly dtype: Dtype
  readonly elements: number
}

const names = [
  'w',
  'a.kernel',
  'a/bias',
  'b.kernel',
  '__proto__',
  '\x1b[31mred',
  'why',
  '',
  'é.損失',
]
const metricNames = [
  'loss',
  'why',
  'metrics.why',
  '__proto__',
  'constructor',
  'acc',
  '',
  '7',
  'a\nb',
]
const dtypes: readonly Dtype[] = ['f32', 'f32', 'f32', 'f64', 'f16', 'bf16']

/** Frames as a trainer might send them: one run, seldom several, with all that the format allows. */
export function frames(random: Random): Loose[] {
  const runs = random.chance(0.1) ? 2 : 1
  return Array.from({ length: runs }, () => run(random)).flat()
}

function run(random: Random): Loose[] {
  // Most are short: they take little time, and much goes wrong at the beginning.
  const isShort = random.chance(0.8)
  const tensors = Array.from({ length: random.between(1, isShort ? 2 : 5) }, (_, i) =>
    shape(random, i, isShort)
  )
  const members = random.chance(0.35) ? random.between(2, 3) : 1
  const changes: Loose = {
    run: random.pick(['r', 'mine', '\u202e', '']),
    tensors: tensors.map((tensor) => entry(random, tensor)),
  }
  if (members > 1 || random.chance(0.1)) changes.members = members
  if (random.chance(0.3)) changes.coupled = random.chance(0.5)
  if (random.chance(0.2)) changes.meta = { lr: 0.1, at: new Date(1e12), deep: [{ a: null }] }
  const made: Loose[] = [openFrame(changes) as Loose]
  const trainer = new Trainer(random, tensors, members)
  const steps = random.between(0, isShort ? 5 : 22)
  for (let m = 0; m < members; m++) if (random.chance(0.8)) made.push(...trainer.anchor(m))
  for (let step = 1; step <= steps; step++) made.push(...trainer.step())
  if (random.chance(0.85)) made.push({ kind: 'close', frames: made.length - 1 })
  return made
}

const short = [[], [0], [1], [3], [17], [2, 5]]
const long = [[], [0], [1], [17], [255], [256], [257], [300], [2, 130], [700]]

function shape(random: Random, i: number, isShort: boolean): Shape {
  const extents = random.pick(isShort ? short : long)
  const dtype = random.pick(dtypes)
  const elements = extents.reduce((product, n) => product * n, 1)
  return { name: `${random.pick(names)}${i}`, shape: extents, dtype, elements }
}

function entry(random: Random, { name, shape, dtype, elements }: Shape): Loose {
  const about: Loose = { name, shape, dtype }
  if (random.chance(0.1)) about.role = random.pick(['sample', 'sample', 'buffer'])
  if (shape.length === 1 && elements > 0 && random.chance(0.1)) {
    about.fold = { elements: random.between(0, 1e6), seed: random.below(2 ** 32) }
  }
  return about
}

/** Where a training of made-up steps is. */
class Trainer {
  readonly #random: Random
  readonly #tensors: readonly Shape[]
  readonly #members: number
  readonly #anchors: (number | undefined)[]
  #step = 0
  #scale: number

  constructor(random: Random, tensors: readonly Shape[], members: number) {
    this.#random = random
    this.#tensors = tensors
    this.#members = members
    this.#anchors = new Array<number | undefined>(members).fill(undefined)
    this.#scale = random.pick([1e-3, 1e-3, 1e-3, 1, 1e-30, 1e20])
  }

  anchor(member: number): Loose[] {
    this.#anchors[member] = this.#step
    return this.#carried('anchor', member, { step: this.#step }, false)
  }

  /** Frames of the next step, of all members; seldom something else. */
  step(): Loose[] {
    const random = this.#random
    if (random.chance(0.02)) this.#step += random.between(1, 3)
    if (random.chance(0.02)) this.#step = Math.max(0, this.#step - random.between(1, 5))
    const last = this.#step
    const made: Loose[] = []
    this.#step++
    for (let member = 0; member < this.#members; member++) {
      if (random.chance(0.03)) continue
      const keys: Loose = { step: this.#step }
      if (random.chance(0.9)) keys.base = this.#base(member, last)
      if (random.chance(0.1)) keys.stride = random.between(1, 4)
      if (random.chance(0.2)) keys.epoch = this.#step / 7
      if (random.chance(0.3)) keys.metrics = metrics(random)
      if (random.chance(0.1)) made.push(...this.#tangent(member))
      made.push(...this.#carried('delta', member, keys, true))
      if (random.chance(0.03)) made.push(...this.#carried('delta', member, keys, true))
      if (random.chance(0.06)) made.push(...this.anchor(member))
    }
    if (random.chance(0.1))
      made.push({ kind: 'metrics', step: this.#step, metrics: metrics(random) })
    return made
  }

  #base(member: number, last: number): number {
    const anchor = this.#anchors[member]
    if (anchor !== undefined && this.#random.chance(0.1)) return anchor
    return this.#random.chance(0.04) ? last + 1 : last
  }

  #tangent(member: number): Loose[] {
    const random = this.#random
    const keys: Loose = { step: this.#step, index: random.below(2) }
    if (random.chance(0.5)) keys.logScale = random.next() * 3
    if (random.chance(0.3)) keys.reset = { r: new Uint8Array(Float64Array.of(2, 0, 1, 3).buffer) }
    return this.#carried('tangent', member, keys, false)
  }

  /** A frame with payloads, or several parts of it. */
  #carried(kind: string, member: number, keys: Loose, loose: boolean): Loose[] {
    const random = this.#random
    const dtype = random.chance(0.1) ? random.pick(dtypes) : undefined
    const payloads = this.#tensors.map((tensor) =>
      payload(random, tensor, dtype ?? tensor.dtype, this.#scale, loose)
    )
    const base: Loose = {
      kind,
      ...keys,
      ...(member > 0 || random.chance(0.3) ? { member } : {}),
      ...(dtype ? { dtype } : {}),
    }
    const cut = random.chance(0.2) ? random.between(1, payloads.length) : payloads.length
    if (cut === payloads.length) return [{ ...base, data: payloads }]
    const { metrics: _, reset: __, ...rest } = base
    return [
      { ...base, more: true, data: payloads.slice(0, cut) },
      { ...rest, at: cut, data: payloads.slice(cut) },
    ]
  }
}

function metrics(random: Random): Loose {
  const count = random.between(0, 4)
  return Object.fromEntries(
    Array.from({ length: count }, () => [
      random.pick(metricNames),
      random.pick([1, 0.5, -0, 1e300, Number.NaN, Infinity, 2 ** 40]),
    ])
  )
}

/** A tensor's payload in one of its forms; deltas may be sparse, a range, or nil. */
function payload(
  random: Random,
  { elements }: Shape,
  dtype: Dtype,
  scale: number,
  loose: boolean
): unknown {
  const values = Array.from({ length: elements }, () => scale * (random.next() - 0.5))
  if (elements > 0 && random.chance(0.01)) {
    values[random.below(elements)] = random.pick([Number.NaN, Infinity, 1e38, 1e200])
  }
  if (loose && random.chance(0.1)) return null
  if (loose && random.chance(0.1)) {
    const indices = values.map((_, i) => i).filter(() => random.chance(0.3))
    const kept = indices.map((i) => values[i]!)
    return { i: new Uint8Array(Uint32Array.from(indices).buffer), v: packed(kept, dtype) }
  }
  if (loose && random.chance(0.1)) {
    const from = random.below(elements + 1)
    const to = random.between(from, elements)
    return { o: from, b: packed(values.slice(from, to), dtype) }
  }
  return random.chance(0.04) ? values : packed(values, dtype)
}

function packed(values: readonly number[], dtype: Dtype): Uint8Array {
  if (dtype === 'f32') return new Uint8Array(Float32Array.from(values).buffer)
  if (dtype === 'f64') return new Uint8Array(Float64Array.from(values).buffer)
  const halves = Uint16Array.from(values, dtype === 'f16' ? toF16 : toBf16)
  return new Uint8Array(halves.buffer)
}
