import {
  count,
  integer,
  interval,
  matrix,
  type Options,
  overRank,
  overSteps,
  scalar,
  share,
  table,
  verdict,
} from '../../stage/index.ts'

export const pathOptions = {
  checkpoints: integer({
    description:
      'most checkpoints that are kept; once there are this many, every other one is dropped and the grid becomes twice as coarse',
    min: 8,
    max: 128,
    default: 32,
  }),
  seed: integer({ description: 'seed of the sketch', min: 0, max: 0xffffffff, default: 0 }),
} as const

export type PathOptions = Options<typeof pathOptions>

const walk = (what: string): string => `${what} of the null, a random walk with the same steps.`

export const pathFigures = {
  verdict: verdict({
    title: 'Verdict',
    means: 'Shape of the path compared with a random walk, by its length over its displacement.',
    misleads: 'With few weights, a random walk itself may be a third straighter or more crooked.',
    words: {
      directed: 'The path is straighter than a random walk.',
      walk: 'The path is as crooked as a random walk.',
      confined:
        'The path turns back more than a random walk: for its length it ends near its start.',
      insufficient: 'There are too few checkpoints, or no movement, for any of these.',
    },
  }),
  pathRatio: scalar({
    title: 'Path over displacement',
    means:
      'Length of the path from checkpoint to checkpoint, divided by the distance between its ends.',
    misleads:
      'It grows with the number of checkpoints, because the path between them is not measured.',
    null: 'pathRatioNull',
    better: 'neither',
  }),
  pathRatioNull: scalar({
    title: 'Path over displacement of a random walk',
    means: walk('The same'),
  }),
  similarity: scalar({
    title: 'Mean directional similarity',
    means: 'Mean cosine of all pairs of displacements from the start, including each with itself.',
    misleads: 'A random walk has a high one too.',
    null: 'similarityNull',
    better: 'neither',
  }),
  similarityNull: scalar({
    title: 'Mean directional similarity of a random walk',
    means: walk('The same'),
  }),
  weightSimilarity: scalar({
    title: 'Mean directional similarity of weights',
    means: 'Mean cosine of all pairs of weights, from zero.',
    misleads: 'It is near 1 as long as the run stays near its start.',
  }),
  lissajous: share({
    title: 'Explained by time alone',
    means:
      'Mean share of the first three principal components that is explained by cosines of half a turn, one turn and one and a half turns over the run.',
    misleads: 'A path that bends slowly has such components too.',
    null: 'lissajousNull',
    better: 'lower',
  }),
  lissajousNull: share({
    title: 'Explained by time alone, of a random walk',
    means: walk('The same'),
  }),
  explained: overRank({
    title: 'Principal components',
    means: "Shares of the checkpoints' variance along their principal components, largest first.",
    misleads: 'A random walk of many weights has three fifths in the first component alone.',
    null: 'explainedNull',
  }),
  explainedNull: overRank({
    title: 'Principal components of a random walk',
    means: walk('The same shares'),
  }),
  turns: table({
    title: 'Turns',
    means: 'Direction of updates between checkpoints, compared with later updates.',
    columns: {
      lag: scalar({ title: 'lag', means: 'Steps from one update to the other.', unit: 'steps' }),
      cosine: scalar({
        title: 'cosine',
        means:
          'Mean cosine of the two updates: 0 for a random walk, below it where updates go back.',
      }),
      angle: scalar({
        title: 'angle',
        means: 'The angle that has this cosine.',
        unit: 'degrees',
      }),
      pairs: count({ title: 'pairs', means: 'Pairs of updates in the mean.', unit: 'pairs' }),
    },
  }),
  speed: overSteps({
    title: 'Speed',
    means: 'Distance from one checkpoint to the next, per step, at the later one.',
    misleads:
      'If the path goes to and fro between checkpoints, this is less than the speed of single steps.',
    unit: 'weight/step',
  }),
  trajectoryMap: matrix({
    title: 'Trajectory map',
    means: 'Cosines between the displacements of all checkpoints from the start.',
    rows: 'step',
    columns: 'step',
  }),
  weightMap: matrix({
    title: 'Trajectory map of weights',
    means: 'Cosines between the weights of all checkpoints, from zero.',
    rows: 'step',
    columns: 'step',
  }),
  layers: matrix({
    title: 'Speed of layers',
    means:
      "Root mean square of a weight's change in the step after each checkpoint, for the 32 largest tensors.",
    misleads: 'It is from a single step, so it scatters as steps do.',
    rows: 'tensor',
    columns: 'step',
  }),
  components: overSteps({
    title: 'Path along components',
    means: 'The path along its first three principal components.',
    misleads: 'If time alone explains them, this is the picture of a random walk.',
    lines: 'component',
    plane: true,
    unit: 'weight',
  }),
  error: scalar({
    title: 'Error of cosines',
    means: 'Error of a cosine between orthogonal directions that the sketch causes (one σ).',
    better: 'lower',
  }),
  kept: count({ title: 'Checkpoints', means: 'Checkpoints that are kept.' }),
  spacing: scalar({
    title: 'Spacing',
    means: 'Steps from one checkpoint to the next.',
    unit: 'steps',
  }),
  window: interval({
    title: 'Window',
    means: 'Steps of the first and the last checkpoint.',
    unit: 'steps',
  }),
} as const
