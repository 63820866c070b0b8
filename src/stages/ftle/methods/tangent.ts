import type { Block } from '../../../engine/block.ts'
import type { Mode, Outcome, StageContext, StageInstance, Step } from '../../../engine/stage.ts'
import { log } from '../../../kernels/math.ts'
import type { TileSums } from '../../../kernels/sums.ts'
import { cholesky, packed } from '../cholesky.ts'
import { columnSums, gramSums, gramsBytes } from '../grams.ts'
import type { FtleOptions } from '../options.ts'
import { report } from '../report.ts'
import { type Point, Series } from '../series.ts'
import { spectrumOf } from '../spectrum.ts'
import type { Method } from './method.ts'

/** Tangent vectors that the trainer carries along and sends: Benettin's exponents, renormalised by whom it suits. */
export const tangent: Method = {
  needs: (open, { tangents }, member) => ({
    members: [member],
    tangents,
    double: open.tensors.some(({ dtype }) => dtype === 'f64'),
  }),

  plan: ({ scope, block }, { tangents }) => ({
    header: Series.bytes(tangents, false),
    perTile: 0,
    scratch: gramsBytes(scope.tiles, tangents, block),
  }),

  cost: ({ elementBytes }, { tangents }) => ({
    flops: tangents * (tangents + 1),
    bytes: tangents * elementBytes,
  }),

  start: (context) => new Tangents(context),
}

class Tangents implements StageInstance {
  readonly #context: StageContext<FtleOptions>
  readonly #series: Series

  constructor(context: StageContext<FtleOptions>) {
    const { arena, header, options } = context
    this.#context = context
    this.#series = new Series(arena, header, options.tangents, false)
  }

  *step(block: Block, mode: Mode): Step<Outcome> {
    const { scope, options } = this.#context
    const series = this.#series
    const { add } = yield { add: this.#sums(block).partial(scope.to) }
    this.#record(block, add)
    if (!mode.report) return { values: {} }
    const last = series.count - 1
    return report({
      method: 'tangent',
      sees: 'infinitesimal perturbations in the directions sent, along this one path; no saturation, nothing the trainer leaves out of its tangents',
      vectors: options.tangents,
      coupled: true,
      series,
      exponents: spectrumOf(series, options.tangents, options.window),
      missing: last < 0 ? 'no tangent frame has come' : 'too few steps with tangents so far',
      figures: {},
      notes: [],
    })
  }

  #sums(block: Block): TileSums {
    const { arena, scope, scratch, shape, options } = this.#context
    const { tangents, stride, elementBytes } = block.of(shape.member)
    return gramSums(arena, scope, scratch, {
      all: tangents
        .slice(0, options.tangents)
        .map(({ pointer }) => ({ separation: 0, pointer, stride })),
      elementBytes,
      columns: block.length,
    })
  }

  /** Steps without tangents are passed over, so a trainer may send them as seldom as it likes. */
  #record(block: Block, sums: Float64Array): void {
    const series = this.#series
    const [first, second] = block.steps
    const spacing = second === undefined ? 1 : second - first!
    let breaks = false
    for (let j = 0; j < block.length; j++) {
      breaks ||= block.of(this.#context.shape.member).marks[j]!.breaks
      const point = this.#point(block, j, sums, breaks)
      if (!point) continue
      breaks = false
      if (series.isFull) this.#makeRoom()
      series.offer(point, spacing)
    }
  }

  #point(block: Block, j: number, sums: Float64Array, breaks: boolean): Point | undefined {
    const k = this.#context.options.tangents
    const { tangents } = block.of(this.#context.shape.member)
    const came = tangents.slice(0, k).flatMap(({ logs }, m) => (Number.isNaN(logs[j]!) ? [] : [m]))
    if (came.length === 0) return undefined
    const { gram } = columnSums(sums, j, k)
    const logs = cholesky(gram, came, k).map(log)
    const norms = new Float64Array(k).fill(Number.NaN)
    came.forEach((m, i) => {
      logs[i]! += tangents[m]!.logs[j]!
      norms[m] = Math.sqrt(gram[packed(m, m)]!)
    })
    return { step: block.steps[j]!, breaks, scale: 0, norms, sums: norms, logs }
  }

  #makeRoom(): void {
    const series = this.#series
    const { window } = this.#context.options
    const recent = window === undefined ? 0 : series.recent(window)
    if (recent > 0) series.dropBefore(recent)
    else series.halve(undefined)
  }
}
