import type { AnalyseOptions } from '../analyse.ts'
import type { Runs } from '../engine/run/runs.ts'
import { ThalwegError } from '../error.ts'
import { valueProblems } from '../spec/check-values.ts'
import { known } from '../spec/values.ts'
import type { StageDefinition, StageValue } from '../stage/define.ts'
import { type Analysed, analysed, checkSettings, linesOf } from './analysed.ts'
import { type Check, expect, expectSame, runChecks } from './check.ts'
import { type CheckStream, checkStream, checkTensors } from './frames.ts'
import { specChecks } from './stage-spec.ts'

/** How a stage is checked. */
export interface StageChecks<Options> {
  /** Options to check it with, one set after another; default: no options. */
  readonly options?: readonly (Options | undefined)[]
  /** Stages before it, if it reads others. */
  readonly after?: readonly StageValue[]
  readonly settings?: AnalyseOptions
}

const whole: CheckStream = { tensors: checkTensors, members: 2, steps: 37 }

/**
 * Checks everything that is required of a stage: that it is described, and that its values are those it declares. They must be the
 * same bits for any chunks of the stream, any number of memories and any frame at which the run is saved and loaded. A summary in
 * the middle of a block must not change the stage's rows. A NaN, no row, one weight and one step must do no harm.
 *
 * @returns the names of the checks that passed
 * @throws an Error that names every check that failed, with its reason
 *
 * @example
 * ```ts
 * await checkStage(drift, { options: [{}, { per: 'tensor' }] })
 * ```
 */
export async function checkStage<Options>(
  stage: (options?: Options) => StageValue,
  { options = [undefined], after = [], settings = {} }: StageChecks<Options> = {}
): Promise<string[]> {
  const { definition } = stage()
  const checks = options.flatMap((own, i) => {
    const value = stage(own)
    const suffix = options.length > 1 ? ` (options ${i})` : ''
    const runs = runChecksOf(definition, [...after, value], settings)
    return runs.map((check) => ({ ...check, name: `${check.name}${suffix}` }))
  })
  return runChecks(`stage ${definition.type}`, [...specChecks(definition), ...checks])
}

function runChecksOf(
  definition: StageDefinition,
  stages: readonly StageValue[],
  options: AnalyseOptions
): Check[] {
  const bytes = checkStream(whole)
  const under = (more: AnalyseOptions = {}) => checkSettings(stages, { ...options, ...more })
  const plain = () => analysed(bytes, under())
  const lines = async () => linesOf(await plain())
  const small = (tensors: CheckStream['tensors'], more: Partial<CheckStream> = {}) =>
    analysed(checkStream({ ...whole, tensors, ...more }), under())

  return [
    {
      name: 'says what it declares',
      async run() {
        const { summaries, error } = await plain()
        if (error) throw error
        expect(ownOf(summaries, definition).length > 0, 'no summary came')
        expectDeclared(definition, summaries)
      },
    },
    {
      name: 'says the same of the same stream',
      run: async () => expectSame('again', await lines(), await lines()),
    },
    {
      name: 'does not depend on chunks',
      async run() {
        const expected = await lines()
        for (const chunk of [313, 4096]) {
          const got = linesOf(await analysed(bytes, under(), { chunk }))
          expectSame(`chunks of ${chunk}`, got, expected)
        }
      },
    },
    {
      name: 'does not depend on the number of memories',
      async run() {
        const expected = await lines()
        for (const shards of [2, 3, 16]) {
          expectSame(
            `${shards} memories`,
            linesOf(await analysed(bytes, under({ shards }))),
            expected
          )
        }
      },
    },
    {
      name: 'goes on from a saved state',
      async run() {
        const expected = await lines()
        // The increment is odd, so that every place within a step and a block occurs.
        for (let saveAfter = 1; saveAfter < 110; saveAfter += 13) {
          const got = linesOf(await analysed(bytes, under({ shards: 2 }), { saveAfter }))
          expectSame(`saved after frame ${saveAfter}`, got, expected)
        }
      },
    },
    {
      name: 'leaves its rows alone in a peek',
      async run() {
        let check = () => {}
        const look = (runs: Runs): void => {
          check = rowsGuard(runs, stages.at(-1)!)
        }
        await analysed(bytes, under(), { look })
        check()
      },
    },
    {
      name: 'survives steps that are not finite',
      async run() {
        const bad = checkStream({ ...whole, nonFiniteAt: 10 })
        const dropped = await analysed(bad, under({ nonFinite: 'drop' }))
        if (dropped.error) throw dropped.error
        expectDeclared(definition, dropped.summaries)
        const { summaries, error } = await analysed(bad, under())
        expect(isError(error, 'E_NONFINITE'), `ended with ${error}, expected E_NONFINITE`)
        expectDeclared(definition, summaries)
      },
    },
    {
      name: 'takes no row, one weight and one step',
      async run() {
        const cases: [string, Promise<Analysed>][] = [
          ['a tensor without elements', small([{ name: 'none', shape: [0], dtype: 'f32' }])],
          ['one weight', small([{ name: 'one', shape: [1], dtype: 'f32' }])],
          ['one weight in f64', small([{ name: 'one', shape: [1], dtype: 'f64' }])],
          ['one step', small(checkTensors, { steps: 1 })],
          ['no step', small(checkTensors, { steps: 0 })],
        ]
        for (const [what, run] of cases) {
          const { summaries, error } = await run
          expect(error === undefined || error instanceof ThalwegError, `${what}: ${error}`)
          expectDeclared(definition, summaries)
        }
      },
    },
  ]
}

function ownOf(summaries: Analysed['summaries'], { type }: StageDefinition) {
  return summaries.filter((summary) => summary.type === type)
}

/** Values, alerts and sentences of a stage's summaries must be those that it declares. */
function expectDeclared(definition: StageDefinition, summaries: Analysed['summaries']): void {
  const { figures, alerts = {}, says } = definition
  for (const { values, step, alerts: raised } of ownOf(summaries, definition)) {
    const problems = valueProblems(figures, values)
    expect(problems.length === 0, `step ${step}: ${problems.join('; ')}`)
    for (const { id } of raised) {
      const [type, condition] = id.split('/')
      const isOwn = type === definition.type
      expect(!isOwn || condition! in alerts, `step ${step}: alert "${id}" is not declared`)
    }
    const read = JSON.parse(JSON.stringify(values, finite))
    for (const sentence of says(known(figures, read))) {
      expect(
        /[.?!]$/.test(sentence.text) &&
          !/(?<!\ba )\bNaN\b|\bundefined\b|\bnull,/.test(sentence.text),
        `step ${step}: it says ${JSON.stringify(sentence.text)}, expected a sentence`
      )
      const { figure } = sentence
      expect(figure === undefined || figure in figures, `it speaks of figure "${figure}"`)
    }
  }
}

const finite = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isFinite(value) ? null : value

/** Records the rows of a stage. The returned function throws if they have changed. */
function rowsGuard({ current }: Runs, { definition, options }: StageValue): () => void {
  const id = (options.id as string | undefined) ?? definition.type
  const views = current!.shards.here.flatMap(({ arena, regions, address }) =>
    regions
      .filter(({ name }) => name.startsWith(`${id}/`) && name.endsWith('/rows'))
      .map(({ name, bytes }) => ({ name, view: arena.u8(address(name), bytes) }))
  )
  const before = views.map(({ view }) => view.slice())
  return () => {
    views.forEach(({ name, view }, i) => {
      const same = view.every((byte, at) => byte === before[i]![at])
      expect(same, `region ${name} was written in a peek`)
    })
  }
}

function isError(error: unknown, code: string): boolean {
  return error instanceof ThalwegError && error.code === code
}
