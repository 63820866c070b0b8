import type { Block } from '../../../engine/block.ts'
import type {
  Mode,
  Outcome,
  StageContext,
  StageInstance,
  Step,
  Values,
} from '../../../engine/stage.ts'
import { ThalwegError } from '../../../error.ts'
import type { TileSums } from '../../../kernels/sums.ts'
import type { OpenFrame } from '../../../wire/frame.ts'
import { exponentsOf, spanOf } from '../exponents.ts'
import { gramSums, gramsBytes, weightSquare } from '../grams.ts'
import type { FtleOptions } from '../options.ts'
import { pointsOf } from '../points.ts'
import { report } from '../report.ts'
import { separationsOf, whyMissing } from '../separations.ts'
import { Series } from '../series.ts'
import { ratesOf, sizeNote } from '../sizes.ts'
import { type Bounds, boundsOf, coarsest } from '../window.ts'
import type { Method } from './method.ts'

/** Members 1, 2, ... as perturbed twins of member 0: exponents from how their separations grow. */
export const twin: Method = {
  needs: (open) => ({ members: twinsOf(open), separations: true }),

  plan: ({ open, scope, block }, { norms }) => {
    const twins = open.members - 1
    return {
      header: Series.bytes(twins, norms.includes('l1')),
      perTile: 0,
      scratch: gramsBytes(scope.tiles, twins, block),
    }
  },

  cost: ({ open, block, elementBytes }) => {
    const twins = open.members - 1
    return {
      flops: twins * (twins + 4),
      bytes: twins > 0 ? twins * (elementBytes + 8 / block) + 12 / block : 0,
    }
  },

  start: (context) => new Twins(context),
}

const twinsOf = (open: OpenFrame): number[] =>
  Array.from({ length: open.members - 1 }, (_, m) => m + 1)

class Twins implements StageInstance {
  readonly #context: StageContext<FtleOptions>
  readonly #members: readonly number[]
  readonly #series: Series
  /** Unit roundoff of the coarsest element type. */
  readonly #unit: number

  constructor(context: StageContext<FtleOptions>) {
    const { arena, header, options, shape } = context
    this.#context = context
    this.#members = twinsOf(shape.open)
    this.#series = new Series(arena, header, this.#members.length, options.norms.includes('l1'))
    this.#unit = coarsest(shape.scope.indices.map((i) => shape.open.tensors[i]!.dtype))
  }

  *step(block: Block, mode: Mode): Step<Outcome> {
    const { scope, shape, options } = this.#context
    if (this.#members.length > 0) {
      const { add } = yield { add: this.#sums(block).partial(scope.to) }
      this.#record(block, add)
    }
    if (!mode.report) return { values: {} }
    const series = this.#series
    const { window } = options
    const last = series.count - 1
    const exponents = exponentsOf(series, this.#members.length, this.#boundsAt, window)
    const [first] = exponents
    const rates = first ? ratesOf(series, first) : []
    const note = first && sizeNote(series, first, rates)
    return report({
      method: 'twin',
      sees: "small finite perturbations of the weights; nothing below the floor or above saturation, not the optimizer's state",
      vectors: this.#members.length,
      coupled: shape.open.coupled,
      series,
      exponents,
      missing: this.#members.some((_, m) => series.knows(m))
        ? whyMissing(series, this.#boundsAt(last), window)
        : 'no step has a twin whose separation is known',
      figures: {
        rates: rates.map((rate) => rate?.value ?? null),
        rateIntervals: rates.map((rate) => rate?.interval ?? null),
        ...this.#figures(last),
      },
      notes: [...(note ? [note] : []), ...this.#notes(block)],
    })
  }

  #figures(last: number): Values {
    const { norms } = this.#context.options
    return {
      floor: last < 0 ? null : this.#boundsAt(last).floor,
      saturation: last < 0 ? null : this.#boundsAt(last).saturation,
      distances: last < 0 ? [] : [...this.#series.norms(last)],
      ...(norms.length > 0 ? { separations: separationsOf(this.#series, norms) } : {}),
    }
  }

  #sums(block: Block): TileSums {
    const { arena, scope, scratch } = this.#context
    const all = this.#members.map((member) => block.of(member))
    return gramSums(arena, scope, scratch, {
      all,
      elementBytes: all[0]!.elementBytes,
      columns: block.length,
      weights: { start: block.weights, ...block.positions },
    })
  }

  #record(block: Block, sums: Float64Array): void {
    const series = this.#series
    const [first, second] = block.steps
    const spacing = second === undefined ? 1 : second - first!
    const scale = block.weights > 0 ? Math.sqrt(weightSquare(sums)) : series.lastScale
    this.#members.forEach((member, m) => {
      this.#checkAnchored(block, member, m)
    })
    for (const point of pointsOf(block, this.#members, sums, scale)) {
      if (series.isFull) this.#makeRoom()
      series.offer(point, spacing)
    }
  }

  #checkAnchored(block: Block, member: number, m: number): void {
    const { separated, marks } = block.of(member)
    if (separated || !marks.some((mark) => mark.present) || this.#series.knows(m)) return
    throw new ThalwegError(
      'E_ANCHOR',
      `stage ftle: members 0 and ${member} send deltas, but up to step ${block.steps.at(-1)} no step has an anchor of both, so how far they are apart is unknown. ` +
        'Send an anchor of every member at one step, before the first deltas looked at.'
    )
  }

  /** With a window, what has left it goes; else resolution goes where no exponent is read. */
  #makeRoom(): void {
    const series = this.#series
    const { window } = this.#context.options
    const recent = window === undefined ? 0 : series.recent(window)
    if (recent > 0) series.dropBefore(recent)
    else series.halve(spanOf(series, this.#members.length, this.#boundsAt))
  }

  readonly #boundsAt = (i: number): Bounds => boundsOf(this.#series.scale(i), this.#unit)

  /** What else a reader must know to judge the figures. */
  #notes(block: Block): string[] {
    const series = this.#series
    const { meta } = this.#context.shape.open
    const last = series.count - 1
    const notes = this.#members.flatMap((member, m) => {
      const { closed } = block.of(member)
      if (closed) return [`member ${member} ${closed === 'ended' ? 'ended' : 'turned non-finite'}`]
      const isKnown = last < 0 || series.norms(last)[m]! >= 0
      return isKnown ? [] : [`the separation of member ${member} is not known at the last step`]
    })
    if (last >= 0 && series.lastScale === 0) {
      notes.push('all weights are zero, which sets neither floor nor saturation')
    }
    const hasState =
      (typeof meta.momentum === 'number' && meta.momentum > 0) ||
      (typeof meta.optimizer === 'string' && !/^(sgd|gd)$/i.test(meta.optimizer))
    if (hasState && this.#members.length > 0) {
      notes.push(
        "the optimizer's own state separates too, so weights alone show early growth too small"
      )
    }
    return notes
  }
}
