import { handler } from '../../edge/handler.ts'
import { specsOf } from '../../engine/run/specs.ts'
import { string } from '../../spec/fields.ts'
import { fileStore } from '../file-store.ts'
import { Feed } from '../live/feed.ts'
import { fetchListener } from '../live/fetch-listener.ts'
import { shownTo } from '../live/posted.ts'
import { isEqual, serveFeed } from '../live/serve.ts'
import { loadPipeline } from '../pipeline-file.ts'
import { registry } from '../registry.ts'
import { parseSetting } from '../set.ts'
import { defineCommand } from './command.ts'
import { setOption } from './options.ts'
import { warn } from './report.ts'
import { serveFields } from './serve.ts'
import { onInterrupt } from './stop.ts'

export const server = defineCommand({
  name: 'server',
  summary: 'Analyses runs that are posted to it, and serves a page of them.',
  positional: {
    name: '[name|file]',
    description: 'a shipped pipeline or a path; without it, the pipeline "default"',
  },
  options: {
    set: setOption,
    ...serveFields,
    store: string({
      description: 'folder that holds the runs between requests',
      default: 'thalweg-runs',
      unit: 'folder',
    }),
  },
  examples: [
    'thalweg server',
    'thalweg server layers --port 8080 --store runs',
    'thalweg server --host 0.0.0.0 --token $(openssl rand -hex 16)',
  ],
  async run({ set, port, host, token, store }, [name = 'default']) {
    const file = await loadPipeline(name, set.map(parseSetting), registry)
    warn(file, false)
    const feed = new Feed(specsOf(file.pipeline.settings))
    const kept = fileStore(store)
    const fetch = handler(posted(file.input as object), {
      stages: file.registry.stages,
      store: kept,
      authorize: ({ headers }) =>
        token === undefined || isEqual(headers.get('Authorization') ?? '', `Bearer ${token}`),
    })
    const stop = onInterrupt()
    const shown = shownTo(feed, fetch)
    const bearer: HeadersInit = token === undefined ? [] : [['Authorization', `Bearer ${token}`]]
    await shown.showStored(await kept.runs(), bearer)
    const runs = fetchListener(shown.fetch)
    // It is ready from the beginning to take runs, although it has none to show yet.
    const served = await serveFeed(feed, { port, host, token, runs, isReady: () => true })
    const base = served.url.replace(/\?.*/, '')
    process.stderr.write(`The page is at ${served.url}\nPost runs to ${base}runs/<id>/frames\n`)
    await new Promise((resolve) => stop.signal.addEventListener('abort', resolve, { once: true }))
    stop.release()
    await served.close()
    return stop.exitCode() ?? 0
  },
})

/** A pipeline without the keys that the server takes care of itself. */
function posted(pipeline: object): object {
  const elsewhere = ['source', 'sinks', 'checkpoint', 'use', 'threads']
  return Object.fromEntries(Object.entries(pipeline).filter(([key]) => !elsewhere.includes(key)))
}
