import type { Fields, Options } from '../../spec/fields.ts'
import { choice, either, globs, integer, list, object, record, string } from '../../spec/fields.ts'
import type { StageDefinition } from '../../stage/define.ts'
import { defaultLimits } from '../../wire/limits.ts'

const MiB = 2 ** 20

export const mostShards = 256

/** Which tensors and which steps to analyse. */
export const selectFields = {
  include: globs({ description: 'tensors to look at; default: all that are trainable' }),
  exclude: globs({ description: 'tensors to leave out of these', default: [] }),
  every: integer({
    description: 'sum this many consecutive deltas into one recorded step',
    unit: 'deltas',
    min: 1,
    default: 1,
  }),
  from: integer({ description: 'first step to look at', unit: 'steps', min: 0, default: 0 }),
  to: integer({ description: 'last step to look at', unit: 'steps', min: 0 }),
} as const

const levels = ['off', 'info', 'warn', 'error'] as const
const level = choice(levels, { description: 'level of this alert' })

/** A rule. Without `when`, the entry sets the level of an existing alert. */
const ruleFields = {
  id: string({
    description: 'name of the rule, whose alert is `rule/<id>`; without `when`, id of an alert',
    required: true,
  }),
  when: string({
    description:
      'condition that raises it: figures as `stage.figure`, parts of them as `[0]` and `.column`, numbers, texts in quotes, `+ - * /`, `< <= > >= == !=`, `and`, `or`, `not`, `abs`, `min`, `max`, `length`',
  }),
  for: integer({
    description:
      'summaries in a row for which it must hold to be raised, and not hold to be raised again',
    unit: 'summaries',
    min: 1,
    default: 1,
  }),
  level: choice(levels, {
    description: 'level of the alert, `off` for none; default of a rule: `warn`',
  }),
} as const

/** Options of a run of the engine beside its stages: all keys of a pipeline but source, stages and sinks. */
export const settingsFields = {
  select: object(selectFields, { description: 'which tensors and steps are looked at' }),
  block: integer({
    description: 'recorded steps that are analysed together',
    unit: 'steps',
    min: 1,
    max: 1024,
    default: 16,
  }),
  mode: choice(['strict', 'fast'], {
    description:
      '`strict`: equal to the bit on every runtime and for any number of shards; `fast`: relaxed SIMD where it is available',
    default: 'strict',
  }),
  nonFinite: choice(['error', 'drop'], {
    description:
      'what a NaN, an infinity or a value beyond 2^100 in a delta of member 0 does: end the run, or drop the step',
    default: 'error',
  }),
  groups: record(globs({ description: 'tensors of this group' }), {
    description: 'named groups of tensors for stages with `"per": "group"`',
    default: {},
  }),
  memory: object(
    {
      max: integer({
        description: 'limit for all state and columns together',
        unit: 'bytes',
        min: MiB,
        default: 2048 * MiB,
      }),
    },
    { description: 'memory' }
  ),
  seed: integer({
    description: "seed of the nulls' and sketches' random numbers",
    min: 0,
    max: 0xffffffff,
    default: 0,
  }),
  shards: integer({
    description: 'memories that the rows are split over; a memory holds at most 4 GiB',
    min: 1,
    max: mostShards,
    default: 1,
  }),
  limits: object(
    {
      frameBytes: integer({
        description: 'largest frame',
        unit: 'bytes',
        min: 1024,
        default: defaultLimits.frameBytes,
      }),
      tensors: integer({
        description: 'most tensors in a run',
        min: 1,
        default: defaultLimits.tensors,
      }),
      members: integer({
        description: 'most members in a run',
        min: 1,
        default: defaultLimits.members,
      }),
      metrics: integer({
        description:
          "most distinct names of a run's metrics; metrics with further names are left out",
        min: 0,
        default: 4096,
      }),
      idleMs: integer({
        description: 'longest wait for the next bytes; 0 waits for ever',
        unit: 'ms',
        min: 0,
        default: 0,
      }),
    },
    { description: 'what a stream may ask for' }
  ),
  emit: object(
    {
      every: integer({
        description:
          'blocks from one summary to the next; default: summaries become rarer as the run grows, and one always comes at the end',
        unit: 'blocks',
        min: 1,
      }),
    },
    { description: 'when summaries are written' }
  ),
  alerts: either(
    [
      record(level, { description: 'levels by id' }),
      list(object(ruleFields, { description: 'an alert' }), {
        description: 'levels of alerts, and rules that raise one',
      }),
    ],
    {
      description:
        'levels of alerts by their id, such as `"run/truncated": "off"`; or a list of `{ "id", "level" }` and of rules `{ "id", "when", "for", "level" }`',
      default: {},
    }
  ),
} as const

/** Options that every stage has beside its own. */
export const stageFields = {
  id: string({
    description: 'name in summaries and for `on`; default: the type',
    pattern: '^[a-z0-9][a-z0-9-]*$',
  }),
  per: choice(['model', 'tensor', 'group'], {
    description: 'one analysis of all rows, or one for each tensor or group',
    default: 'model',
  }),
  member: integer({
    description: 'member to analyse; for m > 0 the differences to member 0',
    min: 0,
    default: 0,
  }),
  on: list(string({ description: 'id of a stage' }), {
    description: 'earlier stages that this one reads, by id; all look at the same rows',
    single: true,
    default: [],
  }),
  select: object(
    {
      include: globs({ description: 'tensors to look at, of those selected' }),
      exclude: globs({ description: 'tensors to leave out', default: [] }),
    },
    { description: 'which of the selected tensors this stage looks at' }
  ),
} as const

/** When a stage on whole matrices looks at them. A matrix changes slowly, and one look may cost as much as many steps. */
const look = object(
  {
    every: integer({
      description: 'how many of these from one look to the next',
      min: 1,
      default: 100,
    }),
    of: choice(['steps', 'epochs', 'anchors'], {
      description:
        "what is counted: the trainer's steps, its epochs (each by its first step), or anchors",
      default: 'steps',
    }),
  },
  { description: 'at which steps, besides the start, it looks at the weights' }
)

/** The options of a stage that not every stage has: its own, and `look` if it works on whole tensors. */
export function ownFieldsOf({
  placement = 'rows',
  options,
}: Pick<StageDefinition, 'placement' | 'options'>): Fields {
  return placement === 'rows' ? options : { look, ...options }
}

export type Look = Options<typeof look.fields>

export type Select = Options<typeof selectFields>
