import {
  amount,
  count,
  counted,
  type FigureValues,
  percent,
  type Sentence,
  scalar,
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
    misleads: 'Large layers that hardly move hide small ones that move much; look at it by tensor.',
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
  const { updateNorm, updateRatio, nonFinite, gaps } = values
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
  const text = Number.isFinite(updateRatio)
    ? `The last step moved the weights by ${percent(updateRatio, 2)} of their norm.`
    : `The last step moved the weights by ${amount(updateNorm, 2)}.`
  return [{ level: 'info', text, figure: 'updateRatio' }]
}

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
  gap: { level: 'warn', means: 'The stream left out steps.' },
  'late-tangent': { level: 'warn', means: 'A tangent came after the delta of its step.' },
} as const
