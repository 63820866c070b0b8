import { ThalwegError } from '../../error.ts'
import { norm } from '../../linalg/vector.ts'
import { Random } from '../../node/train/random.ts'
import { type FrameWriter, frameWriter } from '../../wire/writer.ts'
import { Frame } from './frame.ts'
import { linear, maps, type System } from './maps.ts'
import type { SyntheticOptions } from './options.ts'

/**
 * The frames of a run: anchors at step 0, then, for every `stride` steps of the map, the tangents of member 0 and the deltas of
 * all members.
 *
 * @throws E_CONFIG if there are more tangents than the system has dimensions
 */
export function* framesOf(options: SyntheticOptions): Generator<Uint8Array> {
  const { map, steps, stride, members, tangents, seed, coupled } = options
  const system = map === 'linear' ? linear(options.multipliers) : maps[map]
  const n = system.start.length
  if (tangents > n) {
    throw new ThalwegError(
      'E_CONFIG',
      `source synthetic: ${tangents} tangents, but "${map}" has ${n} dimensions. Lower "tangents".`
    )
  }
  const writer = frameWriter({
    run: `${map}-${seed}`,
    tensors: [{ name: 'w', shape: [n], dtype: 'f64' }],
    members,
    coupled,
    meta: { map, seed, epsilon: options.epsilon },
  })
  const orbits = startsOf(system, options)
  const vectors = new Frame(n, tangents, new Random(seed, 2))
  yield* writer.open()
  for (const [member, w] of orbits.entries())
    yield* copied(writer.anchor({ step: 0, member, data: [w] }))
  const shake = noiseOf(options)
  const before = orbits.map((w) => w.slice())
  for (let base = 0; base < steps; base += stride) {
    const step = Math.min(steps, base + stride)
    for (let t = base; t < step; t++) {
      for (const [member, w] of orbits.entries()) {
        system.advance(w, member === 0 ? vectors.vectors : [])
      }
      vectors.orthonormalise()
      shake(orbits)
    }
    yield* tangentsOf(writer, vectors, step)
    for (const [member, w] of orbits.entries()) {
      const data = [w.map((value, i) => value - before[member]![i]!)]
      before[member]!.set(w)
      yield* writer.delta({ step, member, base, data })
    }
  }
  yield* writer.close()
}

/** The start of member 0 is on the attractor, the others are at the distance `epsilon` from it. */
function startsOf(
  system: System,
  { members, epsilon, ratio, seed }: SyntheticOptions
): Float64Array[] {
  const random = new Random(seed)
  const zero = Float64Array.from(system.start, (value) =>
    system.settles > 0 ? value * (1 + 0.1 * random.uniform()) : value
  )
  for (let t = 0; t < system.settles; t++) system.advance(zero, [])
  return Array.from({ length: members }, (_, member) => {
    if (member === 0) return zero
    const direction = zero.map(() => random.normal())
    const distance = epsilon * ratio ** (member - 1)
    const length = norm(direction)
    return zero.map((value, i) => value + (distance * direction[i]!) / length)
  })
}

/** Adds a step's noise to all orbits: the same to all if they are coupled, otherwise to each its own. */
function noiseOf({ noise, coupled, seed }: SyntheticOptions): (orbits: Float64Array[]) => void {
  if (noise === 0) return () => {}
  const random = new Random(seed, 1)
  return (orbits) => {
    const shared = orbits[0]!.map(() => noise * random.normal())
    for (const w of orbits) {
      for (let i = 0; i < w.length; i++) w[i]! += coupled ? shared[i]! : noise * random.normal()
    }
  }
}

function* tangentsOf(writer: FrameWriter, frame: Frame, step: number): Generator<Uint8Array> {
  if (frame.vectors.length === 0) return
  const reset = frame.takeFactor()
  for (const [index, v] of frame.vectors.entries()) {
    yield* copied(writer.tangent({ step, index, data: [v], ...(index === 0 ? { reset } : {}) }))
  }
}

/** A writer passes on views of arrays, and the next step changes these arrays. */
const copied = (pieces: readonly Uint8Array[]): Uint8Array[] => pieces.map((piece) => piece.slice())
