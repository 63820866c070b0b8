import {
  count,
  type FigureValues,
  forget,
  integer,
  interval,
  matrix,
  type NoPorts,
  type Options,
  object,
  type PlanShape,
  percent,
  percentWithin,
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
  look: object(
    {
      steps: integer({
        description: 'look at the positions after every so many recorded steps; default: 1',
        unit: 'steps',
        min: 1,
      }),
      epochs: integer({
        description:
          'look at the first recorded position of every so many epochs, as the paper does',
        unit: 'epochs',
        min: 1,
      }),
    },
    { description: 'which positions of the weights are looked at' }
  ),
  warmup: integer({
    description: 'positions that must come before modes are chosen',
    unit: 'positions',
    min: 3,
    max: 65536,
    default: 20,
  }),
  choose: integer({
    description:
      'positions from one choice of references to the next; with 1 they are chosen at every block',
    unit: 'positions',
    min: 1,
    default: 1,
  }),
  samples: integer({
    description: 'weights that are drawn as the sample from which references are chosen',
    unit: 'weights',
    min: 16,
    max: 16384,
    default: 1000,
  }),
  columns: integer({
    description:
      'columns of the factor from which correlations are read; more columns make correlations more accurate',
    min: 1,
    max: 64,
    default: 8,
  }),
  forget,
  seed: integer({ description: 'seed of the sample', min: 0, max: 0xffffffff, default: 0 }),
} as const

export type CmdOptions = Options<typeof cmdOptions>
export type CmdShape = PlanShape<NoPorts>
export type CmdContext = StageContext<CmdOptions>

export const cmdFigures = {
  explained: share({
    title: 'Explained',
    means:
      "Share of the weights' movement about their means that an affine image of their reference weight explains.",
    misleads:
      'Any slow movement has few modes. Only what goes beyond the null says that weights form groups.',
    null: 'explainedNull',
    error: 'explainedError',
    better: 'neither',
  }),
  explainedError: share({
    title: 'Scatter of explained',
    means: 'How much the share varies with the sample from which references are chosen (one σ).',
    misleads: 'It says nothing about another run of the same training.',
  }),
  explainedNull: share({
    title: 'Explained by chance',
    means:
      'The share that equally many modes explain if weights mix the same movements at random: the mean of 16 draws.',
    misleads:
      'It keeps all that the weights have in common, such as the memory of an optimizer and a few directions, but has no groups.',
    scatter: 'explainedNullError',
  }),
  explainedNullError: share({
    title: 'Scatter of what chance explains',
    means: 'Scatter of one draw about the mean of the others (one σ).',
  }),
  grouping: verdict({
    title: 'Grouping',
    means: 'Whether modes explain more than chance does, by 3.7 of its standard deviations.',
    misleads:
      'Tensors that move at different times are groups as well. A small excess over chance is a small effect, however certain it is.',
    words: {
      groups: 'Weights move in groups.',
      chance:
        'Weights that mix the same movements at random explain as much, so there is no sign of groups.',
      unknown: 'There are no modes yet.',
    },
  }),
  meanAbsCorrelation: scalar({
    title: 'Mean |correlation|',
    means: 'Mean absolute correlation of the weights with the reference of their mode.',
    misleads: 'Slow drifts correlate with each other, whatever causes them.',
  }),
  modes: table({
    title: 'Modes',
    means: 'The modes, each named after its reference weight.',
    misleads: 'A mode is a set of weights that move alike, not a functional part of the network.',
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
    compared: 'parts',
    when: 'for up to 256 tensors, once modes are chosen',
  }),
  leftOut: share({
    title: 'Left out of the columns',
    means: 'Share of the movement that the columns of the factor do not hold.',
    misleads: 'A correlation lacks only what two weights share in it, which is usually far less.',
    better: 'lower',
  }),
  constants: count({
    title: 'Weights that did not move',
    means: 'Weights that stood still, or whose position is too large or too small for a square.',
  }),
  unassigned: count({
    title: 'Weights without a mode',
    means: 'Weights that moved and correlate with no reference.',
    better: 'lower',
  }),
  reassigned: count({
    title: 'Changes of mode',
    means: 'How often a weight changed its mode from one block to the next.',
    misleads: 'A weight between two modes changes often, and a better reference attracts weights.',
  }),
  window: interval({
    title: 'Window',
    means: 'First and last step of the positions that were looked at.',
    unit: 'steps',
  }),
  positions: count({
    title: 'Positions',
    means: 'Positions that were looked at. The fewer there are, the higher all correlations are.',
    unit: 'positions',
  }),
  breaks: count({ title: 'Breaks', means: 'Places where the positions jump.', better: 'lower' }),
  skipped: count({
    title: 'Skipped positions',
    means: 'Positions that were due for a look but not known.',
    better: 'lower',
  }),
} as const

export type CmdValues = FigureValues<typeof cmdFigures>

/** If the factor leaves out more of the movement than this, correlations may be far too low. */
const muchLeftOut = 0.2

export function says(values: CmdValues): Sentence<keyof typeof cmdFigures>[] {
  const { modes, explained, explainedError, explainedNull, explainedNullError, grouping, leftOut } =
    values
  if (!modes || !Number.isFinite(explained)) {
    return [{ level: 'info', text: 'Modes are not chosen yet.' }]
  }
  const names = modes.length === 1 ? '1 mode explains' : `${modes.length} modes explain`
  const chance = percentWithin(explainedNull, explainedNullError)
  const beside =
    grouping === 'groups'
      ? `weights that mix the same movements at random would reach ${chance}, so these move in groups`
      : `weights that mix the same movements at random reach ${chance}, so there is no sign of groups`
  const text = `${names} ${percentWithin(explained, explainedError)} of the movement; ${beside}.`
  const said: Sentence<keyof typeof cmdFigures>[] = [{ level: 'info', text, figure: 'explained' }]
  if (leftOut > muchLeftOut) {
    const warning = `The columns leave out ${percent(leftOut)} of the movement, so correlations may be too low: raise "columns".`
    said.push({ level: 'warn', text: warning, figure: 'leftOut' })
  }
  return said
}
