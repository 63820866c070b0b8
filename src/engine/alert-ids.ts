/** What the engine itself raises, and when. Stages declare what they raise themselves. */
export const engineAlerts = {
  'health/drift': 'an anchor lies apart from the summed deltas',
  'health/gap': 'a delta starts at a step that is not known',
  'health/late-tangent': 'a tangent comes after the delta of its step',
  'health/non-finite': 'a payload holds a NaN or an infinity',
  'health/perturbed': 'the anchors of two members lie apart from what their deltas say',
  'health/too-large': 'a payload holds a value that cannot be squared and summed',
  'metrics/names': 'metrics have more names than are kept',
  'run/failed': 'the run ended with an error',
  'run/other-build': 'a state was saved by another build',
  'run/sketch': 'the run is folded to a sketch',
  'run/truncated': 'the stream ended without "close"',
  'select/empty-group': 'a group has no tensor among those that a stage looks at',
  'select/unmatched': 'a pattern matches no tensor',
} as const

export type EngineAlertId = keyof typeof engineAlerts
