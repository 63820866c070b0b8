import { ThalwegError } from '../../error.ts'
import { integer, string } from '../../spec/fields.ts'
import { Feed } from '../live/feed.ts'
import { followFile } from '../live/follow.ts'
import { serveFeed } from '../live/serve.ts'
import { defineCommand } from './command.ts'
import { usualPort } from './live-page.ts'
import { specsFor } from './make-report.ts'
import { onInterrupt } from './stop.ts'

export const serveFields = {
  port: integer({
    description: 'port of the page, 0 for any free one',
    min: 0,
    max: 65535,
    default: usualPort,
  }),
  host: string({
    description: 'address to listen on; one that other machines can reach needs a token',
    default: '127.0.0.1',
  }),
  token: string({ description: 'secret that must be in the address of the page' }),
} as const

export const serve = defineCommand({
  name: 'serve',
  summary: 'Serves stored summaries as a live page, also while they are being written.',
  positional: {
    name: '<summaries.ndjson>...',
    description: 'files of sink ndjson, which may still grow',
    many: true,
  },
  options: {
    ...serveFields,
    pipeline: string({
      description: 'also knows the stages of the modules in the `use` of this pipeline',
      unit: 'file',
    }),
  },
  examples: ['thalweg serve run.ndjson', 'thalweg serve a.ndjson b.ndjson --port 8080'],
  async run({ port, host, token, pipeline }, paths) {
    if (paths.length === 0) {
      throw new ThalwegError('E_USAGE', 'serve: no file of summaries is named.')
    }
    const specs = await specsFor(pipeline)
    const feed = new Feed(specs)
    const stop = onInterrupt()
    const served = await serveFeed(feed, { port, host, token })
    process.stderr.write(`The page is at ${served.url}\n`)
    try {
      await Promise.all(paths.map((path) => followFile(feed, path, specs, stop.signal)))
      return stop.exitCode() ?? 0
    } finally {
      stop.release()
      await served.close()
    }
  },
})
