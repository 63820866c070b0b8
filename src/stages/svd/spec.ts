import {
  choice,
  count,
  type FigureValues,
  forget,
  integer,
  type Options,
  overRank,
  percent,
  type Sentence,
  scalar,
  share,
  verdict,
} from '../../stage/index.ts'

export const svdOptions = {
  rank: integer({
    description: 'singular values that are reported',
    min: 1,
    max: 256,
    default: 16,
  }),
  columns: integer({
    description:
      'columns that are kept; more make the reported ones more accurate; default: twice the rank',
    min: 1,
    max: 512,
  }),
  of: choice(['deltas', 'positions'], {
    description: 'decompose the deltas as they are, or the positions, centred (trajectory PCA)',
    default: 'deltas',
  }),
  forget,
  tier: choice(['auto', 'basis', 'sketch'], {
    description:
      '`basis` keeps left vectors, a row for each weight; `sketch` folds any model to 65,536 rows (singular values within some 0.3 %, no left vectors); `auto` takes the sketch where the basis does not fit `memory.max`',
    default: 'auto',
  }),
  storage: choice(['f32', 'f64'], {
    description:
      'f64 is the reference mode: two passes a block, small singular values to relative accuracy',
    default: 'f32',
  }),
} as const

export type SvdOptions = Options<typeof svdOptions>

export const svdFigures = {
  captured: share({
    title: 'Captured',
    means: 'Share of the squared movement (of all columns) that lies in the reported directions.',
    misleads:
      'Random walks are low-dimensional too: only what exceeds the null says something of the training.',
    null: 'capturedNull',
  }),
  capturedNull: share({
    title: 'Captured by a random walk',
    means:
      "The same share for a Gaussian walk with each weight's own step variance and each step's norm.",
    misleads:
      'An optimizer with momentum moves more smoothly than this walk, which is then too low.',
  }),
  singularValues: overRank({
    title: 'singular value',
    means:
      'How far the weights moved along each direction: the largest singular values of the matrix of columns.',
    misleads:
      'Each value is at least what is printed and at most its bound; small ones may be mostly error.',
    unit: 'weight',
    bound: 'upperBounds',
    error: 'estimatedErrors',
  }),
  upperBounds: overRank({
    title: 'at most',
    means: 'What each singular value is at most, rounding included.',
    misleads: 'It holds for certain and is often far above the value.',
    unit: 'weight',
  }),
  estimatedErrors: overRank({
    title: 'estimated error',
    means: 'How far each singular value is likely to be from the true one.',
    misleads: 'It is an estimate; the bound is what holds.',
    unit: 'weight',
  }),
  effectiveRank: scalar({
    title: 'Effective rank',
    means: 'The exponential of the entropy of the kept singular values (Roy and Vetterli 2007).',
    misleads: 'It can never exceed the number of columns that are kept, and grows with it.',
  }),
  energy: scalar({
    title: 'Energy',
    means: 'Squared Frobenius norm of all columns so far: all movement.',
    unit: 'weight²',
  }),
  projectionErrorBound: scalar({
    title: 'Outside the directions, at most',
    means: 'Bound on the share of movement that the reported directions leave out, as a norm.',
    unit: 'weight',
  }),
  orthogonality: scalar({
    title: 'Orthogonality',
    means: 'Largest cosine between two kept directions; rounding of the storage alone.',
    better: 'lower',
  }),
  columns: count({ title: 'Columns', means: 'Columns that went in so far.', unit: 'columns' }),
  kept: count({ title: 'Kept directions', means: 'Directions in memory now.' }),
  tier: verdict({
    title: 'Tier',
    means: 'What is kept in memory.',
    words: {
      basis: 'A row for each weight.',
      sketch: 'Signed sums of weights: norms and singular values scatter by 0.28 %.',
    },
  }),
} as const

export function says(values: FigureValues<typeof svdFigures>): Sentence<keyof typeof svdFigures>[] {
  const { captured, capturedNull, singularValues } = values
  const count = singularValues?.length ?? 0
  if (count === 0 || !Number.isFinite(captured)) {
    return [{ level: 'info', text: 'The weights have not moved yet.' }]
  }
  const directions =
    count === 1 ? 'The first direction holds' : `The first ${count} directions hold`
  const beside = Number.isFinite(capturedNull)
    ? `; of a random walk they would hold ${percent(capturedNull)}`
    : '; there is no null to compare it with'
  const text = `${directions} ${percent(captured)} of the movement${beside}.`
  return [{ level: 'info', text, figure: 'captured' }]
}
