import {
  amount,
  count,
  type FigureValues,
  histogram,
  integer,
  layout,
  type Options,
  overRank,
  type Sentence,
  scalar,
  share,
  verdict,
} from '../../stage/index.ts'

export const spectrumOptions = {
  layout,
  rank: integer({
    description:
      'number of singular values that are reported, and of pairs of vectors that are followed',
    min: 1,
    max: 64,
    default: 16,
  }),
  full: integer({
    description:
      'shorter side up to which all singular values are found; for larger matrices a block method finds only the largest',
    min: 2,
    max: 4096,
    default: 2048,
  }),
  passes: integer({
    description: 'passes of the block method over the matrix; more make the values more accurate',
    min: 1,
    max: 32,
    default: 8,
  }),
  draws: integer({
    description:
      'number of random matrices whose tails are fitted for the null, once per run; 0 for none',
    min: 0,
    max: 32,
    default: 4,
  }),
  seed: integer({
    description: 'seed of the random matrices and of the block method',
    min: 0,
    max: 0xffffffff,
    default: 0,
  }),
} as const

export type SpectrumOptions = Options<typeof spectrumOptions>

const whole = 'for matrices whose whole spectrum is found'

export const spectrumFigures = {
  shape: verdict({
    title: 'Spectrum',
    means: 'Shape of the distribution of the singular values.',
    misleads:
      'A tail that passes for a power law may also be lognormal, and a trained matrix without outliers may still have learned.',
    words: {
      random: 'It is that of independent random weights.',
      spiked: 'A few singular values stand out of what random weights would give.',
      'heavy-tailed': 'It is not that of random weights, and a power law fits its tail.',
      other: 'It is neither that of random weights nor does it have a tail that a power law fits.',
      'too-small': 'There are too few singular values to tell.',
      partial: 'Only the largest singular values are known.',
      none: 'There is no matrix, or it is zero.',
    },
  }),
  singularValues: overRank({
    title: 'singular value',
    means: 'The largest singular values of the matrix.',
    unit: 'weight',
    error: 'errors',
  }),
  errors: overRank({
    title: 'error at most',
    means: 'Each value is within this of a singular value of the matrix.',
    misleads:
      'If the block method finds only the largest values, a value may belong to a later place than its own.',
    unit: 'weight',
  }),
  spectralNorm: scalar({
    title: 'Spectral norm',
    means: 'The largest singular value.',
    unit: 'weight',
  }),
  frobeniusNorm: scalar({
    title: 'Frobenius norm',
    means: 'Root of the sum of all squared weights.',
    unit: 'weight',
  }),
  outliers: count({
    title: 'Outliers',
    means:
      'Singular values above what independent random weights of the same variance give (Marchenko and Pastur, with the fluctuations of Tracy and Widom).',
    misleads: 'One in a thousand random matrices has one.',
    when: whole,
  }),
  bulkDistance: scalar({
    title: 'Distance of the rest from noise',
    means:
      'Largest difference between the distribution of the other values and that of random weights.',
    better: 'neither',
    when: whole,
  }),
  tailExponent: scalar({
    title: 'Tail exponent',
    means:
      'Exponent of the power law that fits the tail of the squared singular values best (maximum likelihood; what WeightWatcher calls alpha).',
    misleads:
      'The fit also gives 2 to 10 for random matrices, and scatters by a third of its value: compare its null and look at `shape`.',
    null: 'tailExponentNull',
    scatter: 'tailExponentNullError',
    error: 'tailExponentError',
    when: whole,
  }),
  tailExponentError: scalar({
    title: 'Error of the exponent',
    means: 'Its standard error, if the tail is a power law that begins where it was cut.',
    when: whole,
  }),
  tailExponentNull: scalar({
    title: 'Tail exponent of random weights',
    means: 'Mean of the same fit over random matrices of the same shape.',
    when: whole,
  }),
  tailExponentNullError: scalar({
    title: 'Scatter of that',
    means: 'Standard deviation over these matrices.',
    when: whole,
  }),
  tailDistance: scalar({
    title: 'Distance of the tail from the law',
    means:
      'Largest difference between its distribution and the power law (Kolmogorov and Smirnov).',
    misleads: 'The tail was cut where this is smallest.',
    better: 'lower',
    bound: 'tailLimit',
    when: whole,
  }),
  tailLimit: scalar({
    title: 'Distance that refutes the law',
    means:
      'The distance that a tail of as many values from a power law exceeds once in twenty times.',
    when: whole,
  }),
  tailCount: count({
    title: 'Values in the tail',
    means: 'Number of values in the fit.',
    when: whole,
  }),
  alignment: overRank({
    title: 'alignment',
    means:
      'How well each pair of singular vectors agrees with the pair at the same place in the previous look: the product of both cosines.',
    misleads: 'Values that are close to each other exchange their vectors at the slightest change.',
  }),
  overlap: share({
    title: 'Overlap of subspaces',
    means:
      'Share of the leading right singular vectors that lies in their span at the previous look.',
    null: 'overlapNull',
  }),
  overlapNull: share({
    title: 'Overlap by chance',
    means: 'The same share for two random subspaces of that size.',
  }),
  density: histogram({
    title: 'Singular values',
    means: 'Distribution of the singular values.',
    unit: 'weight',
    when: whole,
  }),
  looks: count({ title: 'Looks', means: 'How often the matrix was looked at.' }),
  lookedAt: scalar({ title: 'Last look', means: 'Step of the last look.', unit: 'step' }),
} as const

export type SpectrumValues = FigureValues<typeof spectrumFigures>

export function says(values: SpectrumValues): Sentence<keyof typeof spectrumFigures>[] {
  const { shape, spectralNorm, outliers = Number.NaN } = values
  if (!Number.isFinite(spectralNorm)) {
    return [{ level: 'info', text: 'No singular value is known.', figure: 'shape' }]
  }
  const norm = `the largest singular value is ${amount(spectralNorm, 3)}`
  const first: Record<typeof shape, string> = {
    random: `The singular values are those of random weights; ${norm}.`,
    spiked: `${outliers} of the singular values stand out of what random weights would give; ${norm}.`,
    'heavy-tailed': `A power law fits the tail of the spectrum, which is not that of random weights; ${norm}.`,
    other: `The spectrum is not that of random weights; ${norm}.`,
    'too-small': `There are few singular values; ${norm}.`,
    partial: `Only the largest singular values are known; ${norm}.`,
    none: `There is no spectrum; ${norm}.`,
  }
  const sentences: Sentence<keyof typeof spectrumFigures>[] = [
    { level: 'info', text: first[shape], figure: 'shape' },
  ]
  const { tailExponent = Number.NaN, tailExponentNull = Number.NaN } = values
  const { tailExponentNullError: scatter = Number.NaN } = values
  if (shape === 'heavy-tailed' && Number.isFinite(tailExponentNull)) {
    const text = `Its exponent is ${tailExponent.toFixed(1)}; on random matrices of this shape the same fit gives ${tailExponentNull.toFixed(1)} ± ${scatter.toFixed(1)}.`
    sentences.push({ level: 'info', text, figure: 'tailExponent' })
  }
  return sentences
}
