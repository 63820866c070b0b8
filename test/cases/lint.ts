import {
  defineSink,
  defineSource,
  fields,
  lintPipeline,
  parsePipeline,
  ThalwegError,
} from 'thalweg'
import type { Case } from './case.ts'
import { registry } from './streams.ts'

const source = defineSource({
  type: 'bytes',
  summary: 'Bytes.',
  options: { path: fields.string({ description: 'where they lie' }) },
  async *open() {},
})
const sink = defineSink({ type: 'none', summary: 'Nowhere.', options: {}, open: () => noSink })
const noSink = { write() {}, close() {} }
const known = { ...registry, sources: [source()], sinks: [sink()] }

const good = {
  name: 'good',
  source: { type: 'bytes', path: 'a.thalweg' },
  select: { include: ['**'], exclude: ['**/bias'], every: 2 },
  block: 8,
  groups: { first: ['hidden/**'] },
  stages: [
    { type: 'svd', rank: 4, per: 'group' },
    { type: 'cmd', modes: 5, select: { exclude: ['output/**'] } },
    { type: 'ftle', norms: ['l2', 'l1'] },
  ],
  sinks: [{ type: 'none' }],
}

const bad = {
  nmae: 'bad',
  blocks: 8,
  rank: 3,
  mode: 'exact',
  select: { every: 0, include: 'all' },
  memory: { max: 12.5 },
  alerts: { 'health/drift': 'loud' },
  source: { type: 'byte' },
  stages: [
    { type: 'svd', rank: 32, columns: 16, block: 4 },
    { type: 'svd', of: 'positions', forget: 0.9 },
    { type: 'smd' },
    { type: 'cmd', member: 1, modes: 300, on: 'later' },
    { rank: 3 },
    7,
  ],
  sinks: {},
}

export const lint: Case = {
  name: 'lint: pipelines out of JSON, with all that is wrong with them',
  *lines() {
    const { pipeline, problems } = lintPipeline(good, known)
    yield JSON.stringify({ pipeline, problems })
    for (const input of [bad, null, [], 'default', { stages: 3 }, { source: 'stdin' }]) {
      for (const problem of lintPipeline(input, known).problems) yield JSON.stringify(problem)
    }
    try {
      parsePipeline(bad, known)
    } catch (error) {
      if (!(error instanceof ThalwegError)) throw error
      yield* [`${error.code} ${error.exitCode}`, ...error.message.split('\n')]
      return
    }
    throw new Error('a pipeline full of mistakes is parsed')
  },
}
