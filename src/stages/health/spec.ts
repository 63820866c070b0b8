import {
  amount,
  count,
  counted,
  type FigureValues,
  grouped,
  percent,
  type Sentence,
  scalar,
  share,
} from '../../stage/index.ts'

export const healthFigures = {
  updateNorm: scalar({
    title: 'Update norm',
    means: 'Euclidean norm of the last recorded delta.',
    misleads: 'With "every" above 1 it is the norm of a sum of deltas, so it grows with "every".',
    unit: 'weight',
  }),
  weightNorm: scalar({
    title: 'Weight norm',
    means: 'Euclidean norm of the weights after the last recorded step.',
    misleads: 'After a gap it lacks what the missing steps moved, until the next anchor.',
    unit: 'weight',
  }),
  updateRatio: scalar({
    title: 'Update ratio',
    means: 'Update norm over weight norm; around 1e-3 is common for a step of training.',
    misleads:
      'Large layers that hardly move hide small ones that move much; look at it by tensor. It grows where the stride does.',
    overview: true,
  }),
  updateCosine: scalar({
    title: 'Lag-1 cosine',
    means:
      'Mean cosine between successive updates of the last block: 1 where they agree, 0 where they are unrelated.',
    misleads: 'Momentum makes it high by itself; with "every" above 1 it compares sums of deltas.',
  }),
  updateAngle: scalar({
    title: 'Update angle',
    means: 'The angle of that cosine.',
    misleads: 'In many dimensions unrelated updates stand at 90 degrees.',
    unit: 'degrees',
  }),
  pathRatio: scalar({
    title: 'Path over displacement',
    means: 'Length of the path so far, over the distance from the start: 1 for a straight line.',
    misleads: 'A random walk of T steps has √T, whatever it is doing.',
  }),
  unmoved: share({
    title: 'Weights that never moved',
    means: 'Share of the weights whose every delta so far was zero.',
    misleads: 'Inputs that are always zero keep their weights still in a sound network.',
  }),
  driftAtAnchor: scalar({
    title: 'Drift at anchor',
    means: 'Distance of the last anchor from the summed deltas, over the norm of the anchor.',
    misleads:
      'It grows where deltas are rounded coarsely, and jumps where the trainer changed weights between deltas.',
  }),
  zeroDeltas: count({
    title: 'Zero deltas',
    means: 'Recorded steps in which no weight moved.',
    better: 'lower',
  }),
  nonFinite: count({
    title: 'Non-finite steps',
    means: 'Steps whose delta held a NaN or an infinity.',
    better: 'lower',
  }),
  stride: count({
    title: 'Stride',
    means:
      'Steps of the trainer that the last recorded step adds up, by its producer or by "every".',
    misleads: 'Updates grow with it, so that norms before and after a change do not compare.',
  }),
  gaps: count({
    title: 'Gaps',
    means: 'Places where the stream left out steps.',
    better: 'lower',
  }),
  duplicates: count({
    title: 'Repeated steps',
    means: 'Deltas that came twice; the second is dropped.',
    better: 'lower',
  }),
} as const

type HealthValues = FigureValues<typeof healthFigures>

export function says(values: HealthValues): Sentence<keyof typeof healthFigures>[] {
  const { updateNorm, updateRatio, nonFinite, gaps, stride } = values
  const sentences: Sentence<keyof typeof healthFigures>[] = []
  if (nonFinite > 0) {
    const text = `${counted(nonFinite, 'step')} held a NaN or an infinity and could not be analysed.`
    sentences.push({ level: 'error', text, figure: 'nonFinite' })
  }
  if (gaps > 0) {
    const text = `The stream left out steps in ${counted(gaps, 'place')}; positions after a gap are unsure until the next anchor.`
    sentences.push({ level: 'warn', text, figure: 'gaps' })
  }
  if (sentences.length > 0) return sentences
  const step = stride > 1 ? `The last ${grouped(stride)} steps together` : 'The last step'
  const text = Number.isFinite(updateRatio)
    ? `${step} moved the weights by ${shareOf(updateRatio)} of their norm.`
    : `${step} moved the weights by ${amount(updateNorm, 2)}.`
  return [{ level: 'info', text, figure: 'updateRatio' }]
}

/** In percent; or as a number, if the percentage would round to nothing. */
const shareOf = (ratio: number): string =>
  ratio > 0 && ratio < 1e-4 ? amount(ratio, 2) : percent(ratio, 2)

export const healthAlerts = {
  drift: {
    level: 'warn',
    means: 'An anchor lies far from the summed deltas; positions are corrected and windows close.',
  },
  perturbed: {
    level: 'info',
    means: 'Anchors changed the distance of two members: it is taken as a new perturbation.',
  },
  'non-finite': {
    level: 'error',
    means: 'A delta, anchor or tangent held a NaN or an infinity.',
  },
  'too-large': {
    level: 'error',
    means:
      'A delta, anchor or tangent held a value beyond 2^100, which cannot be squared and summed.',
  },
  gap: { level: 'warn', means: 'The stream left out steps.' },
  stride: {
    level: 'info',
    means: "A recorded step adds up another number of the trainer's steps from here on.",
  },
  'late-tangent': { level: 'warn', means: 'A tangent came after the delta of its step.' },
  'update-spike': { level: 'warn', means: 'An update is far larger than those before it.' },
  'loss-spike': { level: 'warn', means: 'The loss is far above what it was before.' },
  diverging: { level: 'error', means: 'Updates or losses stay far above what they were before.' },
  restarted: { level: 'warn', means: 'The weights jumped back towards where they began.' },
  plateau: { level: 'info', means: 'The loss has stopped to fall.' },
  unmoved: { level: 'info', means: 'Many weights have never moved.' },
  'lost-updates': {
    level: 'warn',
    means: 'Most weights in 16 bits never move: their updates are rounded away.',
  },
} as const

/** Conditions that the stage itself detects. */
export const conditions = [
  'update-spike',
  'loss-spike',
  'diverging',
  'restarted',
  'plateau',
  'unmoved',
  'lost-updates',
] as const satisfies readonly (keyof typeof healthAlerts)[]

export type Condition = (typeof conditions)[number]
