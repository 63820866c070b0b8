import {
  count,
  interval,
  matrix,
  scalar,
  share,
  spectrum,
  table,
  verdict,
} from '../../stage/index.ts'

const schedule =
  'A learning rate that changes makes it an average over maps; noise in the weights as recorded pulls it inwards.'

export const koopmanFigures = {
  verdict: verdict({
    title: 'Verdict',
    means: 'What the eigenvalues that count say of the run.',
    misleads: 'It speaks of the directions that the run explored, and of a linear map.',
    words: {
      growing: 'Some mode grows.',
      decaying: 'All modes shrink: the run settles where it is.',
      neutral: 'The slowest mode neither grows nor shrinks as far as can be told.',
      noise: 'Positions tell the next steps no better than those of a random walk do.',
      insufficient: 'There is too little evidence for any of these.',
    },
  }),
  explained: share({
    title: 'Explained',
    means: "Share of the steps' variance that the linear map tells from the positions before.",
    misleads:
      'Where a run drifts smoothly any map tells most of it; where noise drives it, little is told though the map is right.',
    null: 'explainedNull',
    better: 'neither',
  }),
  explainedNull: share({
    title: 'Explained of a random walk',
    means: 'The same share for the null, whose positions say nothing of its next steps.',
    misleads: 'It is above 0: a map of many directions fits some noise.',
  }),
  slowest: scalar({
    title: 'Slowest mode',
    means: 'Largest modulus of a real eigenvalue: by what a mode is multiplied in a recorded step.',
    misleads: `Of a random walk it is just below 1. ${schedule}`,
    interval: 'slowestInterval',
  }),
  slowestInterval: interval({
    title: '95 % interval of the slowest mode',
    means: '95 % interval of this modulus.',
  }),
  modes: table({
    title: 'Modes',
    means: 'Eigenvalues of the map, largest modulus first; of a conjugate pair one row.',
    misleads:
      'They depend on the number of delays and modes and on the spacing of recorded steps: compare only what was made alike.',
    columns: {
      modulus: scalar({
        title: 'modulus',
        means: 'By what the mode is multiplied in a recorded step.',
        misleads: schedule,
        interval: 'modulusInterval',
      }),
      modulusInterval: interval({
        title: '95 % interval',
        means: '95 % interval of the modulus, by a block bootstrap.',
      }),
      rate: scalar({
        title: 'rate',
        means: 'Logarithm of the modulus per step of the trainer: below 0 the mode shrinks.',
        unit: '1/step',
      }),
      frequency: scalar({
        title: 'frequency',
        means: 'Turns per step of the trainer: 0 without oscillation.',
        misleads: 'Above half a turn for each recorded step it shows as a lower one.',
        unit: '1/step',
        interval: 'frequencyInterval',
      }),
      frequencyInterval: interval({
        title: '95 % interval of the frequency',
        means: '95 % interval of the frequency, by the same bootstrap.',
        unit: '1/step',
      }),
      energy: share({
        title: 'energy',
        means: "Its part of the sum of all modes' squared sizes, a pair's together.",
        misleads: 'Modes that are nearly parallel are large and cancel.',
      }),
      residual: scalar({
        title: 'residual',
        means:
          'How far its eigenfunction is from following the eigenvalue: 0 exactly, 1 not at all.',
        misleads: 'Noise in the steps raises it for true ones: √(1 - modulus²) in a steady state.',
        better: 'lower',
      }),
      condition: scalar({
        title: 'condition',
        means: 'By how much an error of the map may be enlarged in it.',
        better: 'lower',
      }),
      total: scalar({
        title: 'modulus by total least squares',
        means:
          'The modulus if positions are noisy as recorded, and later ones as much as earlier ones.',
        misleads: 'Noise that drives the run, as that of small batches does, pushes it outwards.',
      }),
      verdict: verdict({
        title: 'verdict',
        means: 'Whether the eigenvalue is one of the run.',
        words: {
          real: 'The run follows it.',
          spurious: 'The run does not follow it: the finite basis or noise made it.',
          fragile: 'Its mode is nearly parallel to others: small errors move it far.',
          unverified: 'There are too few steps to tell.',
        },
      }),
    },
  }),
  eigenvalues: spectrum({
    title: 'eigenvalue',
    means: 'All eigenvalues of the map, by least squares.',
    misleads: schedule,
  }),
  totalEigenvalues: spectrum({
    title: 'eigenvalue by total least squares',
    means: 'The same where later and earlier positions are taken for equally noisy.',
    misleads: 'Noise that drives the run, as that of small batches does, pushes them outwards.',
  }),
  estimators: verdict({
    title: 'Estimators',
    means: 'Whether least squares and total least squares agree on the real modes.',
    misleads: 'Both may be wrong in the same way.',
    words: {
      agree: 'They agree within their errors.',
      apart:
        'They differ by more than their errors: noise is in the weights as recorded, or drives them.',
      unknown: 'Their errors are not known.',
    },
  }),
  changed: share({
    title: 'Told only by halves',
    means:
      'Share of what the map leaves of the positions that separate maps of both halves would tell.',
    misleads:
      'It does not say why: a learning rate that changes, curvature, and a basis that has turned all show here.',
    null: 'changedByChance',
    better: 'lower',
  }),
  changedByChance: share({
    title: 'Told only by halves, by chance',
    means: 'What this share is on average where one map holds throughout: parameters over rows.',
  }),
  captured: share({
    title: 'Captured',
    means: "Share of member 0's squared steps that lies in the coordinates.",
    better: 'higher',
  }),
  lost: share({
    title: 'Left the basis',
    means: 'Share of the squared positions that was lost as the directions turned.',
    misleads: 'Eigenvalues of what was lost are missing, whatever the intervals say.',
    better: 'lower',
  }),
  pairs: scalar({
    title: 'Pairs',
    means: 'Pairs of successive (delayed) positions in the fit, weighted where earlier ones fade.',
    unit: 'pairs',
  }),
  rank: count({
    title: 'Fitted directions',
    means: 'Principal directions of the (delayed) positions that the map is fitted in.',
  }),
  uneven: count({
    title: 'Steps left out',
    means: 'Recorded steps that were not as far apart as the first ones.',
    unit: 'steps',
    better: 'lower',
  }),
  spacing: scalar({
    title: 'Spacing',
    means: 'Steps of the trainer from one recorded step to the next.',
    unit: 'steps',
  }),
  window: interval({
    title: 'Window',
    means: 'First and last step of the positions in the fit.',
    unit: 'steps',
  }),
  pseudospectrum: matrix({
    title: 'Pseudospectrum',
    means:
      'Smallest residual of any function at each point of the plane: where it is ε, an error ε of the map can put an eigenvalue.',
    misleads: 'Between points of the grid it may be smaller.',
    rows: 'imaginary part',
    columns: 'real part',
    when: 'with `pseudospectrum` above 0',
  }),
} as const
