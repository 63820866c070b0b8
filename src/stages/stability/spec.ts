import {
  amount,
  choice,
  count,
  type FigureValues,
  integer,
  layout,
  number,
  type Options,
  overSteps,
  type Sentence,
  scalar,
  share,
  verdict,
} from '../../stage/index.ts'

export const stabilityOptions = {
  layout,
  parts: integer({
    description:
      'number of equal matrices that a tensor packs along its outputs, such as 3 for q, k and v in one; ranks add up, other figures are means over the parts',
    min: 1,
    max: 64,
    default: 1,
  }),
  beta: number({
    description: 'share of the largest singular value below which OIALR cuts the rank',
    min: 0.001,
    max: 0.999,
    default: 0.1,
  }),
  settle: number({
    description:
      'stability from which a basis counts as calm; it stops being calm below a value twice as far from 1',
    min: 0.5,
    max: 0.999999,
    default: 0.99,
  }),
  patience: integer({
    description: 'number of looks in a row at which a basis must be calm',
    unit: 'looks',
    min: 1,
    max: 1000,
    default: 3,
  }),
  draws: integer({
    description:
      'number of random directions in the null at each look; each costs as much as the look',
    min: 2,
    max: 16,
    default: 2,
  }),
  seed: integer({
    description: "seed of the null's directions",
    min: 0,
    max: 0xffffffff,
    default: 0,
  }),
  storage: choice(['f32', 'f64'], {
    description:
      'type in which polar factors are kept and their last iterations run: `f32` makes stability right to 1e-5, `f64` to 1e-10 at twice the memory',
    default: 'f32',
  }),
} as const

export type StabilityOptions = Options<typeof stabilityOptions>

export const stabilityFigures = {
  basis: verdict({
    title: 'Basis',
    means: 'Whether the orthogonal part of the matrix still turns.',
    misleads:
      'It compares one look with the next, so the same training seems calmer if looks come more often.',
    words: {
      turning: 'The basis turns.',
      calm: 'The basis hardly turns, and random steps of the same size would turn it as little.',
      settled: 'The basis hardly turns, and less than random steps of the same size would turn it.',
      insufficient: 'There were too few looks.',
      none: 'This is not a matrix.',
    },
  }),
  stability: scalar({
    title: 'Stability',
    means:
      'Mean cosine between the columns of the orthogonal polar factor at the last two looks (OIALR).',
    misleads:
      'Small steps alone bring it near 1, as at the end of a decaying learning rate: compare its null.',
    null: 'stabilityNull',
    scatter: 'stabilityNullError',
    better: 'neither',
  }),
  stabilityNull: scalar({
    title: 'Stability under random steps',
    means: 'The same after a step of the same norm in a random direction from the earlier look.',
    misleads: 'The steps of a training differ in size from weight to weight; random ones do not.',
  }),
  stabilityNullError: scalar({
    title: 'Scatter of the null',
    means: 'Standard deviation of one such random step, over the looks so far.',
    misleads: 'It is known poorly after a few looks.',
  }),
  excess: scalar({
    title: 'Excess stability',
    means:
      'Stability minus its null. Above 0, the basis turns less than random steps of this size would turn it.',
    misleads: 'It is from a single look: read it with its error.',
    error: 'excessError',
  }),
  excessError: scalar({
    title: 'Error of the excess',
    means: 'Standard deviation that the excess would have if the steps were random.',
  }),
  flips: count({
    title: 'Flips',
    means: 'Directions that changed sign between the last two looks; each lowers stability by 2/n.',
    misleads: 'This is an artefact: the smallest singular value went through zero.',
  }),
  relativeStep: scalar({
    title: 'Step between looks',
    means: 'Norm of the change of the matrix between the last two looks, divided by its norm.',
  }),
  stableRank: scalar({
    title: 'Stable rank',
    means: 'Squared Frobenius norm over the squared spectral norm.',
    misleads: 'A single large singular value makes it small, whatever the others are.',
  }),
  participationRatio: scalar({
    title: 'Participation ratio',
    means: 'Square of the sum of squared singular values over the sum of their fourth powers.',
  }),
  numericalRank: count({
    title: 'Numerical rank',
    means: 'Singular values above 1e-6 of the largest.',
  }),
  leftOut: count({
    title: 'Left out',
    means: 'Directions with smaller singular values, where the polar factor is not determined.',
    misleads: 'Units that never fire and weights that were cut show up here.',
  }),
  keptRank: count({
    title: 'Rank that OIALR would keep',
    means: 'Singular values above `beta` times the largest.',
    misleads:
      'A cut changes the function of the network; whether training recovers is not known here.',
  }),
  saved: share({
    title: 'Trainable parameters saved',
    means:
      'Share of the parameters that need no training once U and V are frozen and only the square core of that rank is trained.',
    misleads: 'The frozen factors still take memory, and the gradient still passes through them.',
  }),
  stored: scalar({
    title: 'Parameters stored',
    means:
      'Parameters of U, core and V at that rank over those of the matrix; above 1 a switch costs memory.',
    better: 'lower',
  }),
  settledSince: scalar({
    title: 'Settled since',
    means: 'Step of the first look since which the basis has been calm.',
    unit: 'step',
  }),
  looks: count({ title: 'Looks', means: 'How often the matrix was looked at.' }),
  lookedAt: scalar({ title: 'Last look', means: 'Step of the last look.', unit: 'step' }),
  history: overSteps({
    title: 'Stability and its null',
    means: 'Stability and its null at every look, at bounded resolution.',
    lines: 'figure',
  }),
} as const

export type StabilityValues = FigureValues<typeof stabilityFigures>

export const stabilityAlerts = {
  settled: {
    level: 'info',
    means:
      'The basis of a matrix hardly turns any more, and less than random steps of this size would turn it.',
  },
} as const

export function says(values: StabilityValues): Sentence<keyof typeof stabilityFigures>[] {
  const { basis, stability, stabilityNull, stabilityNullError, flips, saved, keptRank } = values
  if (!Number.isFinite(stability)) {
    const text =
      basis === 'none'
        ? 'This is not a matrix.'
        : 'There have been fewer than two looks at the basis.'
    return [{ level: 'info', text, figure: 'basis' }]
  }
  const scatter = Number.isFinite(stabilityNullError) ? ` ± ${amount(stabilityNullError, 1)}` : ''
  const beside = `From look to look the basis agrees to ${stability.toFixed(4)}; after random steps of the same size it would agree to ${stabilityNull.toFixed(4)}${scatter}.`
  const sentences: Sentence<keyof typeof stabilityFigures>[] = [
    { level: 'info', text: beside, figure: 'stability' },
  ]
  if (basis === 'settled') {
    const text = `The basis has settled: with rank ${keptRank}, ${(100 * saved).toFixed(0)} % of the parameters need no training.`
    sentences.push({ level: 'info', text, figure: 'saved' })
  }
  if (flips > 0) {
    const text = `${flips} of its directions changed sign, because tiny singular values went through zero.`
    sentences.push({ level: 'info', text, figure: 'flips' })
  }
  return sentences
}
