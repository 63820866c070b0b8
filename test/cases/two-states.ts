const metrics = [
  ...['l1', 'l2', 'l1OverL2', 'trace', 'spectralNorm', 'traceOverSpectralNorm', 'singularMean'],
  ...['singularVariance', 'weightMean', 'weightMedian', 'weightVariance', 'biasMean', 'biasMedian'],
  'biasVariance',
]

/** A model of two phases that the mean bias alone tells apart: 0 in one, 1 in the other. */
export const twoStates = {
  fit: 'states' as const,
  metrics,
  centre: metrics.map(() => 0),
  scale: metrics.map(() => 1),
  start: [0.5, 0.5],
  transitions: [
    [0.9, 0.1],
    [0.1, 0.9],
  ],
  means: [0, 1].map((state) => metrics.map((name) => (name === 'biasMean' ? state : 0))),
  covariances: [0, 1].map(() => metrics.map((name) => (name === 'biasMean' ? 0.01 : 1e6))),
}
