import {
  type Block,
  Delays,
  type Mode,
  type Outcome,
  openHeader,
  type RunSpectrum,
  type Spectrum,
  type Step,
  type Turn,
} from '../../stage/index.ts'
import { type Analysis, analysisOf, type Found } from './analysis.ts'
import { fitOf } from './fitting/fit.ts'
import { needsOf, Solver } from './fitting/solver.ts'
import { Stretches } from './fitting/stretches.ts'
import { headerShape, layoutOf, membersOf } from './layout.ts'
import { followed, projected, projects } from './reading/directions.ts'
import type { Positions } from './reading/positions.ts'
import { weightPositions } from './reading/weights.ts'
import { nullValues, spectrumOf, valuesOf } from './report.ts'
import { asTheyAre, type Shapes, sketched, turnedBack, vectorsOf } from './shapes.ts'
import type { KoopmanContext, koopmanFigures } from './spec.ts'

type KoopmanMode = Mode<typeof koopmanFigures>
type KoopmanOutcome = Outcome<typeof koopmanFigures>

/** A linear map of one scope on one shard. Its whole state is small and the same on every shard. */
export function koopmanInstance(context: KoopmanContext): {
  readonly ports: { readonly spectrum: Spectrum }
  step(block: Block, mode: KoopmanMode): Step<KoopmanOutcome>
} {
  const { arena, shape, options } = context
  const layout = layoutOf(shape, options)
  const members = membersOf(shape, options.pool)
  const needs = needsOf(shape, options)
  const solver = new Solver(arena, context.scratch, needs)
  const header = openHeader(arena, context.header, headerShape(shape, options))
  const stretches = new Stretches(header, layout, solver, options)
  const length = Delays.length(layout.depth, layout.size)
  const delays = members.map(
    (_, m) =>
      new Delays(header.delays.subarray(m * length, (m + 1) * length), layout.depth, layout.size)
  )
  const doubles = shape.scope.indices.every((index) => shape.open.tensors[index]!.dtype === 'f64')
  const storageBytes = shape.facts.gram?.storageBytes ?? 8
  const cut = doubles && storageBytes === 8 ? 1e-12 : 1e-6
  const follows = options.coordinates === 'directions' && !projects(options, shape)
  let analysis: Analysis | undefined
  const analysed = (): Analysis =>
    (analysis ??= analysisOf(stretches, layout, options, cut, solver))

  function* positionsOf(block: Block, commit: boolean): Step<Positions> {
    if (options.coordinates === 'weights') return yield* weightPositions(context, members, block)
    if (follows) return followed(context, header.position, block)
    return yield* projected(context, members, layout.size, block, commit)
  }

  /** Adds a member's positions to rows. */
  function take(positions: Positions, block: Block): void {
    const { length: columns, steps, before } = block
    const spacing = columns > 1 ? steps[1]! - steps[0]! : 1
    const marks = members.map((member) => block.of(member).marks)
    if (before === 0) {
      delays.forEach((delay, m) => {
        const start = positions.starts[m]
        if (start) delay.push(steps[0]! - spacing, padded(start, layout.size))
      })
    }
    for (let j = 0; j < columns; j++) {
      if (follows && marks[0]![j]!.breaks) {
        stretches.clear()
        header.moved = 0
        header.captured = 0
      }
      const rows: Float64Array[] = []
      delays.forEach((delay, m) => {
        const position = positions.columns[m]![j]
        if (marks[m]![j]!.breaks || !position) delay.clear()
        if (!position) return
        delay.push(steps[j]!, padded(position, layout.size))
        if (!delay.isFull) return
        if (stretches.rows === 0) header.spacing = delay.spacing
        if (delay.spacing !== header.spacing) header.uneven++
        else rows.push(delay.positions)
      })
      if (rows.length === 0) continue
      const packed = new Float64Array(rows.length * layout.width)
      rows.forEach((row, i) => {
        if (layout.first > 0) packed[i * layout.width] = 1
        packed.set(row, i * layout.width + layout.first)
      })
      stretches.take(packed, steps[j]! - (layout.depth - 1) * header.spacing, steps[j]!)
    }
  }

  function* step(block: Block, mode: KoopmanMode): Step<KoopmanOutcome> {
    analysis = undefined
    let ahead: Turn | undefined
    if (block.length > 0) {
      const positions = yield* positionsOf(block, mode.commit)
      const { turn } = positions
      if (turn) {
        stretches.turn(turn)
        // A peek turns coordinates, but not the factor's rows.
        if (follows && !mode.commit) ahead = turn
        if (mode.commit && header.scales.length > 0) {
          header.scales.fill(0)
          header.scales.set(context.ports.gram!.last!.scales.subarray(0, header.scales.length))
        }
        for (const delay of delays) delay.turn(turn.rotation, turn.from, turn.to)
        turn.squares.forEach((square, j) => {
          header.moved += square
          for (const along of turn.increments[j]!) header.captured += along * along
        })
        if (follows) {
          const last = positions.columns[0]!.findLast((position) => position) ?? positions.starts[0]
          header.position.set(padded(last!, layout.size))
        }
      }
      take(positions, block)
    }
    if (!mode.report) return {}
    if (shape.isNull) {
      const { factor, rows } = stretches.whole()
      const fit = fitOf(factor, layout, options.modes, cut, solver)
      const { explained = Number.NaN, modes = 0 } = fit ?? {}
      return { values: nullValues({ explained, rank: modes, pairs: rows }) }
    }
    const found = analysed()
    const values = valuesOf(found, header, layout, options, mode.null)
    if (options.shapes === 0 || !found.found) return { values }
    return { values: { ...values, shapes: yield* shapesOf(found.found, ahead) } }
  }

  function* shapesOf(found: Found, ahead: Turn | undefined): Step<Shapes> {
    const vectors = vectorsOf(found, layout)
    if (options.coordinates === 'weights') return asTheyAre(vectors)
    const before = ahead ? turnedBack(vectors, ahead) : vectors
    return yield* sketched(context, before, header.scales, options.shapes)
  }

  // Scratch belongs to this stage only within its step: a later stage that reads the spectrum in its own step must find its scratch
  // unchanged.
  const read = (): RunSpectrum | undefined => {
    const scratch = arena.u8(context.scratch, Solver.bytes(needs))
    const kept = analysis ? undefined : scratch.slice()
    const found = spectrumOf(analysed())
    if (kept) scratch.set(kept)
    return found
  }
  return { ports: { spectrum: { read } }, step }
}

function padded(position: Float64Array, size: number): Float64Array {
  if (position.length === size) return position
  const out = new Float64Array(size)
  out.set(position)
  return out
}
