import { existsSync } from 'node:fs'
import { ThalwegError } from '../../error.ts'
import { plain } from '../../plain.ts'
import { boolean } from '../../spec/fields.ts'
import { counted } from '../../stage/words.ts'
import { readCases } from '../cases/case-file.ts'
import { failuresOf } from '../cases/run-case.ts'
import { loadPipeline } from '../pipeline-file.ts'
import { registry as shipped } from '../registry.ts'
import { defineCommand } from './command.ts'

/** Exit code if a gate failed. */
const gateFailed = 4

interface Result {
  readonly file: string
  readonly name: string
  readonly failures: readonly string[]
}

export const test = defineCommand({
  name: 'test',
  summary:
    'Runs the tests of pipelines: recordings go in, and conditions on the summaries must hold.',
  positional: {
    name: '<file>...',
    description: 'pipelines `my.json`, whose cases lie in `my.test.json`, or files of cases',
    many: true,
  },
  options: { json: boolean({ description: 'print JSON', default: false }) },
  examples: ['thalweg test my.json', 'thalweg test pipelines/*.test.json --json'],
  async run({ json }, paths) {
    if (paths.length === 0) throw new ThalwegError('E_USAGE', 'test: name the pipelines to test.')
    const results: Result[] = []
    for (const file of paths.map(casesOf)) {
      const written = readCases(file)
      const { pipeline, registry } = await loadPipeline(written.pipeline, [], shipped)
      for (const one of written.cases(pipeline, registry)) {
        results.push({ file, name: one.name, failures: await failuresOf(pipeline, one) })
        if (!json) process.stdout.write(linesOf(results.at(-1)!))
      }
    }
    const failed = results.filter(({ failures }) => failures.length > 0).length
    process.stdout.write(
      json
        ? `${plain(JSON.stringify({ schema: 'thalweg.test/1', cases: results }))}\n`
        : `${counted(results.length - failed, 'case')} passed, ${failed} failed\n`
    )
    return failed > 0 ? gateFailed : 0
  },
})

/** The file of a pipeline's cases, which is beside the pipeline. */
function casesOf(path: string): string {
  if (path.endsWith('.test.json')) return path
  const beside = path.replace(/\.json$/, '.test.json')
  if (beside !== path && existsSync(beside)) return beside
  throw new ThalwegError('E_INPUT', `test: "${path}" has no cases. Write them to "${beside}".`)
}

function linesOf({ file, name, failures }: Result): string {
  const head = `${failures.length > 0 ? 'FAILED' : 'ok'} ${file}: ${name}`
  return [head, ...failures.map((failure) => `  ${failure}`)]
    .map((line) => `${plain(line)}\n`)
    .join('')
}
