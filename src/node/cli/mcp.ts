import { access } from 'node:fs/promises'
import { ThalwegError } from '../../error.ts'
import { string } from '../../spec/fields.ts'
import { serveMcp } from '../mcp/serve.ts'
import { defineCommand } from './command.ts'
import { specsFor } from './make-report.ts'
import { onInterrupt } from './stop.ts'
import { version } from './version.ts'

export const mcp = defineCommand({
  name: 'mcp',
  summary: 'Answers the questions of agents about stored summaries, by the Model Context Protocol.',
  positional: {
    name: '<summaries.ndjson>...',
    description: 'files of sink ndjson, which may still grow; they are only read',
    many: true,
  },
  options: {
    pipeline: string({
      description: 'also knows the stages of the modules in the `use` of this pipeline',
      unit: 'file',
    }),
  },
  examples: [
    'thalweg mcp run.ndjson',
    'claude mcp add thalweg -- npx thalweg mcp "$PWD/run.ndjson"',
  ],
  async run({ pipeline }, paths) {
    if (paths.length === 0 || paths.includes('-')) {
      throw new ThalwegError(
        'E_USAGE',
        'mcp: name files of summaries. Standard input is where questions come from.'
      )
    }
    for (const path of paths) {
      await access(path).catch((cause: Error) => {
        throw new ThalwegError('E_INPUT', `file "${path}" cannot be read: ${cause.message}.`, {
          cause,
        })
      })
    }
    const stop = onInterrupt()
    try {
      await serveMcp({ paths, specs: await specsFor(pipeline) }, version(), stop.signal)
      return stop.exitCode() ?? 0
    } finally {
      stop.release()
    }
  },
})
