import { boolean } from '../../spec/fields.ts'
import { formatPath } from '../../spec/path.ts'
import { type PipelineFile, placedText, readPipeline } from '../pipeline-file.ts'
import { registry } from '../registry.ts'
import { parseSetting } from '../set.ts'
import { defineCommand } from './command.ts'
import { setOption } from './options.ts'

export const lint = defineCommand({
  name: 'lint',
  summary: 'Checks pipelines and names all that is wrong with them.',
  positional: { name: '[name|file]...', description: 'pipelines to check', many: true },
  options: {
    set: setOption,
    json: boolean({ description: 'print JSON', default: false }),
  },
  examples: ['thalweg lint pipelines/*.json', 'thalweg lint my.json --set stages.svd.rank=8'],
  run({ set, json }, names) {
    const settings = set.map(parseSetting)
    const files = (names.length > 0 ? names : ['default']).map((name) =>
      readPipeline(name, settings, registry)
    )
    process.stdout.write(json ? asJson(files) : files.flatMap(asLines).join(''))
    const wrong = files.some(({ problems }) => problems.some(({ level }) => level === 'error'))
    return wrong ? 78 : 0
  },
})

function asLines({ file, problems }: PipelineFile): string[] {
  return problems.map((problem) => `${placedText(file, problem)} [${problem.code}]\n`)
}

function asJson(files: readonly PipelineFile[]): string {
  const problems = files.flatMap(({ file, problems }) =>
    problems.map(({ level, code, path, message, line, column }) => ({
      file,
      line,
      column,
      level,
      code,
      path: formatPath(path),
      message,
    }))
  )
  return `${JSON.stringify({ schema: 'thalweg.lint/1', problems })}\n`
}
