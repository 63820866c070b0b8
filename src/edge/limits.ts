import { integer, type Options, type OptionsInput } from '../spec/fields.ts'

const MiB = 2 ** 20

/** The limits of a handler. */
export const limitFields = {
  pieceBytes: integer({
    description: 'largest piece that may be posted; it is never held whole',
    unit: 'bytes',
    min: 1,
    default: 64 * MiB,
  }),
  pieceMs: integer({
    description: 'longest time for a piece to come in',
    unit: 'ms',
    min: 1,
    default: 60_000,
  }),
  bodyBytes: integer({
    description: 'memory for all pieces that have come in but are not analysed yet',
    unit: 'bytes',
    min: 0,
    default: 16 * MiB,
  }),
  runBytes: integer({
    description: 'largest size of a run, all pieces together',
    unit: 'bytes',
    min: 1,
    default: 2 ** 40,
  }),
  answerBytes: integer({
    description: 'largest size of the summaries that one piece may produce',
    unit: 'bytes',
    min: 1024,
    default: 8 * MiB,
  }),
  runs: integer({
    description:
      'number of pieces that are analysed at once; runs stay in memory while they fit into `memory.max` times this number',
    min: 1,
    default: 1,
  }),
  waiting: integer({
    description: 'number of requests that may wait while another one works on the same run',
    min: 0,
    default: 8,
  }),
  clientRequests: integer({
    description: 'number of requests that one client may have open at once',
    min: 1,
    default: 8,
  }),
  listeners: integer({
    description: 'number of streams of events that this instance serves at once',
    min: 0,
    default: 64,
  }),
  clientListeners: integer({
    description: 'number of streams of events that one client may have open at once',
    min: 0,
    default: 4,
  }),
  eventsMs: integer({
    description: 'longest duration of a stream of events; then its reader connects again',
    unit: 'ms',
    min: 1000,
    default: 300_000,
  }),
  stateBytes: integer({
    description:
      'the state is written when this many bytes would have to be read again without it; default: the size of the state',
    unit: 'bytes',
    min: 1,
  }),
} as const

export type HandlerLimits = Options<typeof limitFields>
export type HandlerLimitsInput = OptionsInput<typeof limitFields>
