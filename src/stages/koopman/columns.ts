import { interval, scalar, share, verdict } from '../../stage/index.ts'

/** What makes an eigenvalue differ from that of the run. */
export const schedule =
  'A learning rate that changes makes it an average over maps; noise in the weights as recorded pulls it inwards.'

/** One row of the table of modes. */
export const modeColumns = {
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
    means: 'How far its eigenfunction is from following the eigenvalue: 0 exactly, 1 not at all.',
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
} as const
