import {
  amount,
  choice,
  count,
  type FigureValues,
  integer,
  interval,
  layout,
  type Options,
  overSteps,
  type Sentence,
  scalar,
  spectrumPort,
  verdict,
} from '../../stage/index.ts'
import { activations } from './activation.ts'

export const edgeOptions = {
  layout,
  activation: choice(activations, {
    description:
      'activation that follows the matrix, which decides where the edge is; default: `meta.activation`, or that of `meta.network`',
  }),
  inputs: integer({
    description:
      'random inputs from which a hidden map declared in `meta.network` is iterated at each look; 0 for none',
    min: 0,
    max: 256,
    default: 8,
  }),
  iterations: integer({
    description: 'how often the map is fed its own output',
    min: 5,
    max: 100000,
    default: 500,
  }),
  seed: integer({ description: 'seed of these inputs', min: 0, max: 0xffffffff, default: 0 }),
} as const

export type EdgeOptions = Options<typeof edgeOptions>

export const edgeReads = { spectrum: spectrumPort }

const single = 'for a single matrix'
const mapped = 'of a network declared in `meta.network`'
const read = 'with a stage in `on` that offers a spectrum'

export const edgeFigures = {
  phase: verdict({
    title: 'Phase',
    means: 'On which side of the edge of chaos the matrix is, as a map x <- φ(W x).',
    misleads:
      'It goes by the mean and spread of the weights alone (mean field): structure, such as one large direction, and biases do not count.',
    words: {
      ordered: 'Small differences between inputs die out.',
      edge: 'It is within 2 % of the edge.',
      chaotic: 'Small differences between inputs grow.',
      unknown: 'The edge is not known here.',
    },
  }),
  j: scalar({
    title: 'J',
    means: 'Standard deviation of the weights times the root of the inputs to each output.',
    when: single,
  }),
  j0: scalar({
    title: 'J₀',
    means: 'Mean of the weights times the inputs to each output.',
    when: single,
  }),
  boundary: scalar({
    title: 'J at the edge',
    means: 'The J at which a map with this activation and this ratio of J₀ to J is at the edge.',
    misleads:
      'For matrices that are not square it is the edge of the step from layer to layer, an extension of the paper.',
    when: single,
  }),
  distance: scalar({
    title: 'Distance to the edge',
    means: 'J divided by J at the edge, minus 1: below 0 in the ordered phase.',
    better: 'neither',
    when: single,
  }),
  regime: verdict({
    title: 'Law of growth',
    means: 'Whether J² grows in proportion to the epochs, as it does for SGD in the ordered phase.',
    misleads: 'A short stretch of any curve is straight.',
    words: {
      holds: 'J² grows along a line.',
      bending: 'J² grows along a curve; the rate is its mean.',
      receding: 'J² does not grow.',
      beyond: 'J has reached the edge, beyond which the law does not hold.',
      insufficient:
        'There were fewer than nine looks before the edge, epochs are not known, or it is not sure that J² grows.',
    },
    when: single,
  }),
  growth: scalar({
    title: 'Growth of J²',
    means: 'Growth of J² per epoch, from the first look to the last one before the edge.',
    misleads: 'If the law does not hold, it is only a mean.',
    unit: '1/epoch',
    interval: 'growthInterval',
    when: single,
  }),
  growthInterval: interval({
    title: '95 % interval of the growth',
    means: 'From the scatter of the growth over eight stretches.',
    unit: '1/epoch',
    when: single,
  }),
  prefactor: scalar({
    title: 'Prefactor a',
    means: 'The a of growth = a η / ((1 - α) B), with the learning rate of every step.',
    misleads:
      'It depends on the data and the network: 11 for the network of the paper. With weight decay, or with an optimizer other than SGD, it is not given.',
    interval: 'prefactorInterval',
    when: single,
  }),
  prefactorInterval: interval({
    title: '95 % interval of a',
    means: 'From the same scatter.',
    when: single,
  }),
  edgeEpoch: scalar({
    title: 'Edge reached at epoch',
    means: 'The epoch at which J reaches the edge if it keeps growing at this rate.',
    misleads: 'If growth slows down, J reaches the edge later or never.',
    unit: 'epochs',
    interval: 'edgeEpochInterval',
    when: single,
  }),
  edgeEpochInterval: interval({
    title: '95 % interval of that epoch',
    means: 'From the interval of the growth.',
    unit: 'epochs',
    when: single,
  }),
  parkingDecay: scalar({
    title: 'Weight decay that parks it at the edge',
    means:
      'The factor λ* of an L2 term λ‖w‖² in the loss at which growth and decay would balance at the edge, a / (4 S J²), S the size of the training set.',
    misleads: 'In PyTorch, `weight_decay` is 2 λ*.',
    when: single,
  }),
  lagOne: scalar({
    title: 'Cosine of successive updates',
    means: 'Mean over the updates since the last look, or before it.',
    misleads:
      'Momentum makes it positive; with `select.every` above 1 an update is a sum of several.',
    when: single,
  }),
  lagTwo: scalar({
    title: 'Cosine of updates two steps apart',
    means:
      'The same mean for updates two apart: if it is near 1 and the cosine of successive updates near -1, updates alternate with period two.',
    when: single,
  }),
  flipEigenvalue: scalar({
    title: 'Eigenvalue nearest to -1',
    means:
      'Real part of the valid eigenvalue of the map from step to step that is nearest to -1, where updates begin to alternate.',
    misleads: 'It is NaN if no eigenvalue is valid.',
    when: read,
  }),
  flipResidual: scalar({
    title: 'Residual of that eigenvalue',
    means: 'Near 0 for a true eigenvalue, near 1 for a false one.',
    better: 'lower',
    when: read,
  }),
  asymptoticDistance: scalar({
    title: 'Asymptotic distance',
    means:
      'Final distance of two activities that began 1e-4 apart, when the hidden map is fed its own output: near 0 in the ordered phase.',
    misleads: 'From random inputs, not from data.',
    error: 'asymptoticDistanceError',
    when: mapped,
  }),
  asymptoticDistanceError: scalar({
    title: 'Its error',
    means: 'Standard error over the inputs.',
    when: mapped,
  }),
  jacobianNorm: scalar({
    title: 'Jacobian norm',
    means:
      'Frobenius norm of the Jacobian of the hidden map at the end of the iteration, divided by the root of its width: 1 at the edge.',
    misleads: 'From random inputs, not from data.',
    error: 'jacobianNormError',
    when: mapped,
  }),
  jacobianNormError: scalar({
    title: 'Its error',
    means: 'Standard error over the inputs.',
    when: mapped,
  }),
  epoch: scalar({ title: 'Epoch', means: 'Epoch of the last look.', unit: 'epochs', when: single }),
  looks: count({ title: 'Looks', means: 'How often the weights were looked at.' }),
  lookedAt: scalar({ title: 'Last look', means: 'Step of the last look.', unit: 'step' }),
  history: overSteps({
    title: 'J²',
    means: 'At every look, at bounded resolution.',
    when: single,
  }),
} as const

export type EdgeValues = FigureValues<typeof edgeFigures>

export const edgeAlerts = {
  crossed: { level: 'info', means: 'J of a matrix has crossed the edge of chaos.' },
} as const

export function says(values: EdgeValues): Sentence<keyof typeof edgeFigures>[] {
  const sentences: Sentence<keyof typeof edgeFigures>[] = []
  const { phase, j = Number.NaN, distance = Number.NaN, lagOne = Number.NaN } = values
  if (Number.isFinite(j)) {
    const from = `${(100 * Math.abs(distance)).toFixed(0)} % ${distance < 0 ? 'below' : 'above'} the edge of chaos`
    const where =
      phase === 'unknown'
        ? '; where the edge is, is not known'
        : `, ${from} of random matrices with its mean and spread`
    sentences.push({ level: 'info', text: `J is ${amount(j, 3)}${where}.`, figure: 'phase' })
  }
  const { regime, edgeEpoch = Number.NaN, edgeEpochInterval } = values
  if (regime === 'holds' && edgeEpochInterval && Number.isFinite(edgeEpoch)) {
    const [early, late] = edgeEpochInterval.map((epoch) => amount(epoch, 3))
    const text = `J² grows linearly. At this rate it reaches the edge in epoch ${amount(edgeEpoch, 3)} (95 %: ${early} to ${late}).`
    sentences.push({ level: 'info', text, figure: 'edgeEpoch' })
  }
  if (lagOne < -0.5 && (values.lagTwo ?? 0) > 0.5) {
    const text = 'Updates alternate from step to step, as at the edge of stability.'
    sentences.push({ level: 'warn', text, figure: 'lagOne' })
  }
  const { jacobianNorm = Number.NaN, jacobianNormError = Number.NaN } = values
  if (Number.isFinite(jacobianNorm)) {
    const error = Number.isFinite(jacobianNormError) ? ` ± ${amount(jacobianNormError, 1)}` : ''
    const text = `Iterated, the hidden map has a Jacobian of norm ${amount(jacobianNorm, 3)}${error}; 1 is the edge.`
    sentences.push({ level: 'info', text, figure: 'jacobianNorm' })
  }
  if (sentences.length > 0) return sentences
  return [{ level: 'info', text: 'There has been no look at the weights yet.', figure: 'looks' }]
}
