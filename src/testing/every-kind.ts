import {
  complexSpectrum,
  count,
  defineStage,
  type FigureValues,
  graph,
  histogram,
  interval,
  matrix,
  overRank,
  overSteps,
  scalar,
  share,
  table,
  text,
  verdict,
  weight,
} from '../stage/index.ts'

const figures = {
  ratio: share({
    title: 'Ratio',
    means: 'A part.',
    misleads: 'Where the whole is small.',
    null: 'ratioNull',
    scatter: 'ratioNullError',
    better: 'neither',
  }),
  ratioNull: share({ title: 'Ratio of the null', means: 'The same of walks.' }),
  ratioNullError: share({ title: 'Scatter of that', means: 'Its standard deviation.' }),
  size: scalar({
    title: 'Size',
    means: 'A length.',
    unit: 'm',
    interval: 'sizeInterval',
    better: 'lower',
  }),
  sizeInterval: interval({ title: 'Interval of the size', means: 'Its 95 % interval.', unit: 'm' }),
  things: count({ title: 'Things', means: 'How many there are.' }),
  values: overRank({
    title: 'value',
    means: 'A value for each rank.',
    unit: 'm',
    bound: 'bounds',
    error: 'errors',
    interval: 'ranges',
  }),
  bounds: overRank({ title: 'at most', means: 'Its bound.', unit: 'm' }),
  errors: overRank({ title: 'error', means: 'Its error.', unit: 'm' }),
  ranges: interval({ title: '95 % interval', means: 'Its interval.', unit: 'm', over: 'rank' }),
  history: overSteps({
    title: 'History',
    means: 'Two lines.',
    unit: 'm',
    lines: 'twin',
    plane: true,
  }),
  eigenvalues: complexSpectrum({ title: 'eigenvalue', means: 'Points of the plane.' }),
  sizes: histogram({ title: 'Sizes', means: 'How sizes are spread.', unit: 'm' }),
  layers: matrix({ title: 'Layers', means: 'Counts.', rows: 'tensor', columns: 'mode' }),
  modes: table({
    title: 'Modes',
    means: 'A row for each.',
    columns: {
      members: count({ title: 'members', means: 'How many.' }),
      strength: scalar({ title: 'strength', means: 'How much.' }),
      part: share({ title: 'part', means: 'Of the whole.' }),
      span: interval({ title: 'span', means: 'From, to.' }),
      kind: verdict({
        title: 'kind',
        means: 'Which.',
        words: { real: 'It is.', false: 'It is not.' },
      }),
      note: text({ title: 'note', means: 'Words.' }),
      reference: weight({ title: 'reference', means: 'A weight.' }),
    },
  }),
  phases: graph({ title: 'Phases', means: 'States and transitions.' }),
  finding: verdict({
    title: 'Finding',
    means: 'What was found.',
    words: { calm: 'Nothing happens.', wild: 'Much happens.' },
  }),
  remark: text({ title: 'Remark', means: 'Words.' }),
  extra: scalar({ title: 'Extra', means: 'Now and then.', when: 'when it is there' }),
} as const

/** One value for each of these figures, which are one of every kind. */
export const everyValue: FigureValues<typeof figures> = {
  ratio: 0.674,
  ratioNull: 0.601,
  ratioNullError: 0.012,
  size: 2.5,
  sizeInterval: [2.1, 2.9],
  things: 12976,
  values: [12.345678, 0.00001234],
  bounds: [12.5, 0.5],
  errors: [0.01, Number.NaN],
  ranges: [[12, 12.6], null],
  history: {
    steps: [1, 2, 4],
    values: [
      [1, 2, 3],
      [4, Number.NaN, 6],
    ],
  },
  eigenvalues: [
    [0.5, 0.25],
    [0.5, -0.25],
  ],
  sizes: { edges: [0, 1, 2], counts: [3, 4] },
  layers: {
    rows: ['a.b', 'c'],
    columns: [1, 2],
    values: [
      [10, 2],
      [0, 7],
    ],
  },
  modes: [
    {
      members: 23012,
      strength: 0.9312,
      part: 0.4,
      span: [40, 500],
      kind: 'real',
      note: 'first',
      reference: { tensor: 'a.b', index: 7 },
    },
  ],
  phases: { states: ['slow', 'fast'], transitions: [{ from: 0, to: 1, count: 3 }] },
  finding: 'calm',
  remark: 'Words of its own.',
}

/** A stage with one figure of every kind, whose values are the same at every step. */
export const everyKind = defineStage({
  type: 'every-kind',
  summary: 'One figure of every kind.',
  asks: 'Is every kind drawn?',
  options: {},
  figures,
  alerts: { seen: { level: 'warn', means: 'It was seen.' } },
  says: ({ ratio }) => [
    { level: 'warn', text: `The ratio is ${ratio}, as it always is.`, figure: 'ratio' },
    { level: 'info', text: 'Nothing else happened.' },
  ],
  plan: () => ({ header: 0, perTile: 0, scratch: 0 }),
  start: () => ({
    // biome-ignore lint/correctness/useYield: it adds nothing over rows.
    *step(_block, { report }) {
      return report
        ? { values: everyValue, alerts: [{ condition: 'seen', message: 'here it is' }] }
        : {}
    },
  }),
})
