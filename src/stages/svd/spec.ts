import {
  amount,
  boolean,
  choice,
  count,
  type FigureValues,
  forget,
  integer,
  interval,
  type Options,
  overRank,
  percent,
  percentWithin,
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
      'columns that are kept; more columns make the reported values more accurate; default: twice the rank',
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
      '`basis` keeps left vectors, a row for each weight; `sketch` folds any model to 65,536 rows (singular values within some 0.3 %, no left vectors); `auto` takes the sketch if the basis does not fit `memory.max`',
    default: 'auto',
  }),
  walks: boolean({
    description:
      'compare with sixteen random walks, up to rank 32; they take the same time for a model of any size',
    default: true,
  }),
  storage: choice(['f32', 'f64'], {
    description:
      'f64 is the reference mode: two passes per block, small singular values right to relative accuracy',
    default: 'f32',
  }),
} as const

export type SvdOptions = Options<typeof svdOptions>

export const svdFigures = {
  captured: share({
    title: 'Movement in the reported directions',
    means: 'Share of the squared movement (of all columns) that lies in the reported directions.',
    misleads:
      'Steps that resemble the steps before are low-dimensional, whatever causes them: compare the walks, which have the same memory.',
    null: 'capturedNull',
    scatter: 'capturedNullError',
    better: 'neither',
  }),
  capturedNull: share({
    title: 'The same of random walks',
    means:
      'Mean of the same share over sixteen random walks. The walks have the norm of each step, the memory of the steps over four lags and the step variance of each weight, and nothing else in common with the run.',
    misleads:
      'If steps persist, a steady drift counts as their memory. For positions the walks have no drift, so the share is too low.',
  }),
  capturedNullError: share({
    title: 'Scatter of the walks',
    means: 'Standard deviation of that share from walk to walk.',
    misleads: 'The mean of sixteen walks is known to a quarter of it.',
  }),
  capturedExcess: share({
    title: 'Smallest excess told',
    means: 'By how much the share must exceed the mean of the walks to count as above them.',
    misleads: 'A smaller excess may exist but is not reported.',
  }),
  beyondNull: verdict({
    title: 'Beyond random walks',
    means: 'Whether the share is above that of random walks with the same memory.',
    misleads:
      'Each scope is tested by itself: among a thousand tensors one or two are above by chance.',
    words: {
      above:
        'The reported directions hold more than step sizes and a memory of four steps account for.',
      within: 'No more than walks of the same memory and step sizes hold.',
      untested:
        'There are too few columns or weights, walks hold nearly all, or the columns are positions.',
    },
  }),
  participationRatio: scalar({
    title: 'Participation ratio',
    means:
      'How many directions of equal size would spread the movement as evenly: the squared sum of σ² over the sum of σ⁴.',
    misleads: 'A few large directions decide it. It does not say how many small ones there are.',
    better: 'neither',
  }),
  participationInterval: interval({
    title: 'Participation ratio for certain',
    means:
      'An interval that holds the participation ratio of all columns, rounding and truncation included.',
    misleads: 'It is a bound, not a confidence interval, and wide where much was left out.',
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
    means: 'Upper bound of each singular value, rounding included.',
    misleads: 'It holds for certain and is often far above the value.',
    unit: 'weight',
  }),
  estimatedErrors: overRank({
    title: 'estimated error',
    means: 'Likely distance of each singular value from the true one.',
    misleads: 'It is an estimate; the bound is what holds.',
    unit: 'weight',
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
    means:
      'Largest cosine between two kept directions when last measured. Only rounding of the storage makes it larger than 0.',
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

type Values = FigureValues<typeof svdFigures>

export function says(values: Values): Sentence<keyof typeof svdFigures>[] {
  const { captured, singularValues, participationRatio, participationInterval } = values
  const count = singularValues?.length ?? 0
  if (count === 0 || !Number.isFinite(captured)) {
    return [{ level: 'info', text: 'The weights have not moved yet.' }]
  }
  const directions =
    count === 1 ? 'The first direction holds' : `The first ${count} directions hold`
  const text = `${directions} ${percent(captured)} of the movement; ${beside(values)}.`
  const [least, most] = participationInterval?.map(few) ?? []
  const between = least === most ? '' : ` (certainly between ${least} and ${most})`
  const ratio = few(participationRatio)
  const spread = `The movement is spread as over ${ratio === '1' ? '1 direction' : `${ratio} directions of equal size`}${between}.`
  return [
    { level: 'info', text, figure: 'captured' },
    ...(Number.isFinite(participationRatio)
      ? [{ level: 'info', text: spread, figure: 'participationRatio' } as const]
      : []),
  ]
}

/** A number of directions, as an integer if it is almost one, so that no text reads "between 1 and 1.0". */
const few = (count: number): string => {
  const whole = Math.floor(count + 0.5)
  return amount(Math.abs(count - whole) < 0.005 ? whole : count, 2)
}

/** What the walks say about the share. */
function beside(values: Values): string {
  const { capturedNull, capturedNullError, capturedExcess, beyondNull } = values
  if (!Number.isFinite(capturedNull)) return 'there are no walks to compare it with'
  const walks = `random walks with the same step sizes and memory hold ${percentWithin(capturedNull, capturedNullError)}`
  switch (beyondNull) {
    case 'above':
      return `${walks}, so weights move together beyond that, unless their steps remember for much longer than the four steps of a walk`
    case 'within':
      return `${walks}, which leaves no sign of shared directions (an excess of more than ${percent(capturedExcess, 1)} would be one)`
    default:
      return `${walks}, and nothing is concluded from that`
  }
}
