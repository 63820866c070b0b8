import {
  amount,
  count,
  type FigureValues,
  factorPort,
  forget,
  integer,
  interval,
  matrix,
  type Options,
  type PlanShape,
  percent,
  type Sentence,
  type StageContext,
  scalar,
  share,
  table,
  verdict,
  weight,
} from '../../stage/index.ts'

export const cmdOptions = {
  modes: integer({ description: 'most modes to look for', min: 1, max: 255, default: 10 }),
  warmup: integer({
    description: 'recorded steps over which sampled weights are followed and clustered',
    unit: 'steps',
    min: 3,
    max: 65536,
    default: 20,
  }),
  samples: integer({
    description: 'weights that are sampled in the warm-up',
    unit: 'weights',
    min: 1,
    max: 4096,
    default: 1000,
  }),
  choose: integer({
    description:
      'recorded steps after which each weight takes the mode it correlates with most; with `on` the warm-up alone counts',
    unit: 'steps',
    min: 3,
    default: 20,
  }),
  forget,
  seed: integer({ description: 'seed of the sample', min: 0, max: 0xffffffff, default: 0 }),
} as const

export type CmdOptions = Options<typeof cmdOptions>

export const cmdReads = { factor: factorPort }

export type CmdShape = PlanShape<typeof cmdReads>
export type CmdContext = StageContext<CmdOptions, typeof cmdReads>

export const cmdFigures = {
  explained: share({
    title: 'Explained',
    means:
      "Share of the weights' movement that an affine image of their reference weight explains.",
    misleads: 'Random walks correlate too, and another sample of weights finds other references.',
    null: 'explainedNull',
    better: 'neither',
  }),
  explainedNull: share({
    title: 'Explained of a random walk',
    means: "The same share for a Gaussian walk with each weight's own step variance.",
    misleads: 'It is one walk, and scatters.',
  }),
  meanAbsCorrelation: scalar({
    title: 'Mean |correlation|',
    means: 'Mean absolute correlation of the weights with the reference of their mode.',
    misleads: 'Slow drifts correlate with each other whatever made them.',
    null: 'meanAbsCorrelationNull',
  }),
  meanAbsCorrelationNull: scalar({
    title: 'Mean |correlation| of a random walk',
    means: 'The same for a Gaussian walk.',
    misleads: 'It is one walk, and scatters.',
  }),
  modes: table({
    title: 'Modes',
    means: 'The modes, each named after its reference weight.',
    misleads:
      'A mode is a set of weights that move alike, not a part of the network that does something.',
    columns: {
      size: count({ title: 'weights', means: 'Weights whose mode it is.' }),
      meanAbsCorrelation: scalar({
        title: 'mean |correlation|',
        means: 'Mean absolute correlation of these with the reference.',
      }),
      reference: weight({ title: 'reference', means: 'The weight that the mode follows.' }),
    },
  }),
  layers: matrix({
    title: 'Modes by tensor',
    means: 'How many weights of each tensor each mode has.',
    misleads: 'Large tensors have most weights of every mode.',
    rows: 'tensor',
    columns: 'mode',
    when: 'up to 256 tensors, once modes are chosen',
  }),
  constants: count({ title: 'Weights that did not move', means: 'Weights that stood still.' }),
  unassigned: count({
    title: 'Weights without a mode',
    means: 'Weights that began to move after modes were chosen.',
    better: 'lower',
  }),
  reassigned: count({ title: 'Changes of mode', means: 'How often a weight changed its mode.' }),
  window: interval({
    title: 'Window',
    means: 'First and last step of the positions in the moments.',
    unit: 'steps',
  }),
  phase: verdict({
    title: 'Phase',
    means: 'How far the method has come.',
    words: {
      warmup: 'Sampled weights are followed.',
      choose: 'Every weight looks for its mode.',
      track: 'Modes are chosen and tracked.',
    },
  }),
  breaks: count({ title: 'Breaks', means: 'Places where the positions jump.', better: 'lower' }),
  skipped: count({
    title: 'Skipped steps',
    means: 'Recorded steps whose position was not known.',
    better: 'lower',
  }),
} as const

export type CmdValues = FigureValues<typeof cmdFigures>

export function says(values: CmdValues): Sentence<keyof typeof cmdFigures>[] {
  const { modes, explained, explainedNull, meanAbsCorrelation } = values
  if (!modes || !Number.isFinite(explained)) {
    return [{ level: 'info', text: 'Modes are not chosen yet.' }]
  }
  const beside = Number.isFinite(explainedNull)
    ? `; of a random walk they explain ${percent(explainedNull)}`
    : '; there is no null to compare it with'
  const text = `${modes.length} modes explain ${percent(explained)} of the movement${beside} (mean |correlation| ${amount(meanAbsCorrelation, 2)}).`
  return [{ level: 'info', text, figure: 'explained' }]
}
