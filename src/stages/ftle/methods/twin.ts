import { type Block, type OpenFrame, ThalwegError } from '../../../stage/index.ts'
import { coarsest } from '../bounds.ts'
import { exponentsOf } from '../exponents.ts'
import { gramSums, gramsBytes, weightSquare } from '../grams.ts'
import { intervalsOf, valuesOf } from '../interval.ts'
import { NmleKept } from '../nmle.ts'
import type { FtleOptions } from '../options.ts'
import { record, twinPoints } from '../points.ts'
import { neededOf } from '../reading.ts'
import { report } from '../report.ts'
import { separationsOf, whyMissing } from '../separations.ts'
import { Series, type SeriesOptions } from '../series.ts'
import { ratesOf, sizeNote } from '../sizes.ts'
import type { FtleValues } from '../spec.ts'
import { look } from '../verdict/look.ts'
import type { Judgement } from '../verdict/rules.ts'
import { Standing } from '../verdict/standing.ts'
import type { Method } from './method.ts'

/** Members 1, 2, ... as perturbed twins of member 0: exponents from the growth of their separations. */
export const twin: Method = {
  needs: (_options, open) => ({ members: [0, ...twinsOf(open)], separations: true }),

  plan: ({ open, scope, block }, options) => ({
    header: Standing.bytes + NmleKept.bytes + Series.bytes(seriesOf(open, options)),
    perTile: 0,
    scratch: open.members > 1 ? gramsBytes(scope.tiles, open.members, block) : 0,
  }),

  cost: ({ open, block, elementBytes }) => {
    const twins = open.members - 1
    return {
      flops: twins > 0 ? twins * (twins + 6) + 2 : 0,
      bytes: twins > 0 ? open.members * elementBytes + (8 * twins + 12) / block : 0,
    }
  },

  start: (context) => {
    const { arena, header, options, shape } = context
    const { window, norms } = options
    const { open, scope } = shape
    const members = twinsOf(open)
    const standing = new Standing(arena, header)
    const network = new NmleKept(arena, header + Standing.bytes)
    const series = new Series(arena, header + Standing.bytes + NmleKept.bytes, {
      ...seriesOf(open, options),
      unit: coarsest(scope, open),
    })
    return {
      *step(block, mode) {
        if (members.length > 0) {
          const own = { ...block.of(0), separation: 0 }
          const columns = [...members.map((member) => block.of(member)), own]
          const sums = yield* gramSums(context, block, columns, true)
          for (const member of members) expectAnchors(block, member, series)
          const scale = block.weights > 0 ? Math.sqrt(weightSquare(sums)) : series.lastScale
          const points = twinPoints(block, members, sums, scale)
          record(series, block, points, window, neededOf)
          network.update(series)
        }
        if (!mode.report && !standing.isDue(series.offered)) return {}
        const { reading, judgement, stand } = look(series, standing, {
          window,
          isTangent: false,
          coupled: open.coupled,
          weights: scope.elements,
          missing: whyMissing(series, window),
        })
        if (!mode.report) return {}
        const exponents = exponentsOf(series, reading, window)
        const [first] = exponents
        const rates = reading && first ? ratesOf(reading, first) : members.map(() => undefined)
        const paper = network.of(series)
        const isOver = reading && reading.growth.to < reading.stretch.to
        return report({
          method: 'twin',
          sees: "small finite perturbations of the weights; nothing below the floor or above saturation, not the optimizer's state",
          series,
          exponents,
          judgement,
          stand,
          figures: {
            rates: valuesOf(rates),
            rateIntervals: intervalsOf(rates),
            nmle: paper?.slope ?? Number.NaN,
            nmleRSquared: paper?.rSquared ?? Number.NaN,
            nmleWindow: paper?.window ?? null,
            ...sizesOf(judgement),
            ...distancesOf(series),
            ...separationsOf(series, norms),
          },
          notes: [
            isOver && 'growth collapsed before saturation; the window ends there',
            // A chaotic verdict includes its own comparison of sizes.
            reading && first && judgement.verdict !== 'chaotic' && sizeNote(reading, first),
            ...notesOn(block, members, series, open),
          ],
        })
      },
    }
  },
}

const twinsOf = (open: OpenFrame): number[] =>
  Array.from({ length: open.members - 1 }, (_, m) => m + 1)

const seriesOf = (open: OpenFrame, { norms }: FtleOptions): SeriesOptions => ({
  vectors: open.members - 1,
  withSums: norms.includes('l1'),
})

function expectAnchors(block: Block, member: number, series: Series): void {
  const { separated, marks } = block.of(member)
  if (separated || !marks.some(({ present }) => present)) return
  if (series.hasNorm((norm, m) => m === member - 1 && norm >= 0)) return
  throw new ThalwegError(
    'E_ANCHOR',
    `stage ftle: members 0 and ${member} send deltas, but up to step ${block.steps.at(-1)} no step has an anchor of both, so how far they are apart is unknown. ` +
      'Send an anchor of every member at one step, before the first deltas looked at.'
  )
}

/** The comparison with a twin of another size. */
function sizesOf({ measures }: Judgement): Pick<FtleValues, 'sizeRatio' | 'sizeDifference'> {
  const [pair] = measures?.agreements ?? []
  return {
    sizeRatio: pair?.ratio ?? Number.NaN,
    sizeDifference: pair ? Math.sqrt(pair.eighths) : Number.NaN,
  }
}

/** Present distances of the twins, and the bounds between which they are read. */
function distancesOf(series: Series): Pick<FtleValues, 'floor' | 'saturation' | 'distances'> {
  const last = series.count - 1
  return last < 0
    ? { floor: Number.NaN, saturation: Number.NaN, distances: [] }
    : { ...series.bounds(last), distances: [...series.norms(last)] }
}

/** Further notes that a reader needs to judge the figures. */
function notesOn(
  block: Block,
  members: readonly number[],
  series: Series,
  { meta }: OpenFrame
): string[] {
  const last = series.count - 1
  const notes = members.flatMap((member, m) => {
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
  if (hasState && members.length > 0) {
    notes.push(
      "the optimizer's own state separates too, so weights alone show early growth too small"
    )
  }
  return notes
}
