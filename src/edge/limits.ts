import { integer, type Options, type OptionsInput } from '../spec/fields.ts'

const MiB = 2 ** 20

/** What a handler grants. */
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
    description: 'memory for what has come of pieces before they are analysed, all together',
    unit: 'bytes',
    min: 0,
    default: 16 * MiB,
  }),
  runBytes: integer({
    description: 'most bytes of all pieces of a run',
    unit: 'bytes',
    min: 1,
    default: 2 ** 40,
  }),
  answerBytes: integer({
    description: 'most summaries that one piece may produce',
    unit: 'bytes',
    min: 1024,
    default: 8 * MiB,
  }),
  runs: integer({
    description:
      'pieces that are analysed at once; runs are kept in memory while they fit so many times `memory.max`',
    min: 1,
    default: 1,
  }),
  waiting: integer({
    description: 'requests that may wait for one that is at work on the same run',
    min: 0,
    default: 8,
  }),
  clientRequests: integer({
    description: 'requests of one client that may be open at once',
    min: 1,
    default: 8,
  }),
  listeners: integer({
    description: 'streams of events that this instance serves at once',
    min: 0,
    default: 64,
  }),
  clientListeners: integer({
    description: 'and of one client',
    min: 0,
    default: 4,
  }),
  eventsMs: integer({
    description: 'longest life of a stream of events; its reader connects again',
    unit: 'ms',
    min: 1000,
    default: 300_000,
  }),
  stateBytes: integer({
    description:
      'state is written when this many bytes would have to be read again; default: as many as the state has',
    unit: 'bytes',
    min: 1,
  }),
} as const

export type HandlerLimits = Options<typeof limitFields>
export type HandlerLimitsInput = OptionsInput<typeof limitFields>
