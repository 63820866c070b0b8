import { planRun } from '../../engine/planning/fit.ts'
import type { Settings } from '../../engine/settings/settings.ts'
import { ThalwegError } from '../../error.ts'
import { plain } from '../../plain.ts'
import { boolean, integer, string } from '../../spec/fields.ts'
import type { OpenFrame } from '../../wire/frame.ts'
import { type PipelineFile, placedJson, placedText, readPipeline } from '../pipeline-file.ts'
import { registry } from '../registry.ts'
import { parseSetting } from '../set.ts'
import { shippedPipelines } from '../shipped.ts'
import { defineCommand } from './command.ts'
import { explain, explanationText, openOf, openOfSize } from './explain.ts'
import { setOption } from './options.ts'
import { withShipped } from './shipped-fits.ts'

export const lint = defineCommand({
  name: 'lint',
  summary: 'Checks pipelines and names all of their mistakes.',
  positional: {
    name: '[name|file]...',
    description:
      'pipelines to check, or to explain; without one, --explain takes the pipeline "default"',
    many: true,
    choices: shippedPipelines,
  },
  options: {
    set: setOption,
    json: boolean({ description: 'print JSON', default: false }),
    explain: boolean({
      description:
        'prints the memory and the work that a run takes: one like --input, or one of --parameters',
      default: false,
    }),
    input: string({ description: 'a recorded stream to explain', unit: 'file' }),
    parameters: integer({
      description: 'number of weights of a run to explain',
      unit: 'count',
      min: 1,
    }),
    members: integer({
      description: 'number of members of that run',
      unit: 'count',
      min: 1,
      default: 2,
    }),
  },
  examples: [
    'thalweg lint pipelines/*.json',
    'thalweg lint my.json --set stages[0].rank=8 --explain --parameters 1000000',
  ],
  async run({ set, json, explain: explains, input, parameters, members }, names) {
    const sizes = [input, parameters].filter((size) => size !== undefined)
    if (sizes.length !== (explains ? 1 : 0)) {
      throw new ThalwegError(
        'E_USAGE',
        'lint: --explain needs --input or --parameters, one of them, and they need --explain.'
      )
    }
    if (names.length === 0 && !explains) {
      throw new ThalwegError(
        'E_USAGE',
        'lint: name the pipelines to check, as in thalweg lint my.json; thalweg list names those that ship.'
      )
    }
    const settings = set.map(parseSetting)
    const files: PipelineFile[] = []
    for (const name of names.length > 0 ? names : ['default']) {
      files.push(await readPipeline(name, settings, registry))
    }
    const wrong = files.some(({ problems }) => problems.some(({ level }) => level === 'error'))
    if (!explains || wrong) {
      process.stdout.write(json ? asJson(files) : files.flatMap(asLines).join(''))
      return wrong ? 78 : 0
    }
    const open = input === undefined ? openOfSize(parameters!, members) : await openOf(input)
    const explained = files.map(({ file, pipeline }) => ({
      file,
      ...explain(open, pipeline.settings),
    }))
    process.stdout.write(
      json
        ? `${JSON.stringify({ schema: 'thalweg.explain/1', pipelines: explained })}\n`
        : explained.map((found) => `${found.file}: ${explanationText(found)}`).join('\n')
    )
    for (const { pipeline } of files) await requireFit(open, pipeline.settings)
    return 0
  },
})

/** @throws E_MEMORY if the run would be refused */
async function requireFit(open: OpenFrame, settings: Settings): Promise<void> {
  try {
    planRun(open, settings)
  } catch (error) {
    throw error instanceof ThalwegError ? await withShipped(error, open, settings) : error
  }
}

function asLines({ file, problems }: PipelineFile): string[] {
  return problems.map((problem) => `${plain(placedText(file, problem))} [${problem.code}]\n`)
}

function asJson(files: readonly PipelineFile[]): string {
  const problems = files.flatMap(({ file, problems }) =>
    problems.map((problem) => placedJson(file, problem))
  )
  return `${plain(JSON.stringify({ schema: 'thalweg.lint/1', problems }))}\n`
}
