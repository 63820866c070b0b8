import { specsOf } from '../../engine/run/specs.ts'
import { ThalwegError } from '../../error.ts'
import { idlePath } from '../../pipeline/frames.ts'
import { Meter } from '../../pipeline/meter.ts'
import type { Pipeline } from '../../pipeline/pipeline.ts'
import { type CompletePipeline, runPipeline } from '../../pipeline/run-pipeline.ts'
import { ndjson } from '../../sinks/ndjson/index.ts'
import { file as fileSource } from '../../sources/file/index.ts'
import { stdin } from '../../sources/stdin/index.ts'
import { boolean, choice, integer, string } from '../../spec/fields.ts'
import { checkpointFile, lockOf } from '../checkpoint-file.ts'
import { requireDistinctFiles, type UsedFile } from '../distinct-files.ts'
import { loadPipeline } from '../pipeline-file.ts'
import { closeInputs, drainInputs } from '../pipes.ts'
import { registry } from '../registry.ts'
import { parseSetting } from '../set.ts'
import { shippedPipelines } from '../shipped.ts'
import { workerThreads } from '../threads/threads.ts'
import { openView } from '../view/view.ts'
import { alertTeller } from './alerts.ts'
import { defineCommand } from './command.ts'
import { livePage, usualPort } from './live-page.ts'
import { type Look, lookOf, sinksFor } from './look.ts'
import { setOption } from './options.ts'
import { showProgress } from './progress.ts'
import { report, warn } from './report.ts'
import { withShipped } from './shipped-fits.ts'
import { requirePipedStdin } from './stdin.ts'
import { onInterrupt } from './stop.ts'

const levels = ['info', 'warn', 'error'] as const

export const run = defineCommand({
  name: 'run',
  summary: 'Analyses a stream by a pipeline.',
  positional: {
    name: '[name|file]',
    description: 'a shipped pipeline or a path; without it, the pipeline "default"',
    choices: shippedPipelines,
  },
  options: {
    set: setOption,
    input: string({
      description: 'reads this recorded stream or pipe instead of the source of the pipeline',
      unit: 'file',
    }),
    resume: boolean({
      description:
        "continues from the pipeline's checkpoint; starts a new run if there is none yet",
      default: false,
    }),
    failOn: choice(levels, {
      description: 'exits with code 3 if an alert of this level or above came',
    }),
    quiet: boolean({ description: 'shows no progress and no alerts', default: false }),
    json: boolean({
      description:
        'progress, alerts and errors as JSON on stderr, and summaries on stdout also on a terminal',
      default: false,
    }),
    table: boolean({
      description: 'a table on stderr at the end, instead of summaries on stdout',
      default: false,
    }),
    plain: boolean({
      description: 'no live view on a terminal: lines of progress and alerts, then the table',
      default: false,
    }),
    serve: integer({
      description: 'serves a live page at this port of this machine during the run',
      unit: 'port',
      min: 0,
      max: 65535,
    }),
    exitEarly: boolean({
      description: 'does not read a pipe to its end after an error in the data or a sink',
      default: false,
    }),
  },
  shorthands: { bare: { serve: usualPort } },
  examples: [
    'thalweg train mnist-mlp --steps 500 | thalweg run',
    'thalweg train mnist-mlp | thalweg run --serve > run.ndjson',
    'thalweg run layers --input stream.msgpack --set stages[0].rank=4',
    'thalweg run --input stream.msgpack --set checkpoint.path=run.state --resume',
  ],
  async run(options, [name = 'default']) {
    const file = await loadPipeline(name, options.set.map(parseSetting), registry)
    const { pipeline } = file
    warn(file, options.json)
    const look = lookOf(options)
    const complete = completed(pipeline, look, options.input)
    requireDistinctFiles(filesOf(complete, pipeline.checkpoint.path))
    if (complete.source.definition.type === 'stdin') requirePipedStdin('run')
    const checkpoint = checkpointOf(pipeline, options.resume)
    const stop = onInterrupt()
    const meter = new Meter()
    const live = await livePage(options.serve, complete.settings, meter)
    const view = look === 'view' ? openView(specsOf(complete.settings), meter) : undefined
    const endProgress = view
      ? view.close
      : options.quiet
        ? () => {}
        : showProgress(meter, options.json)
    try {
      const { alerts } = await runPipeline(complete, {
        meter,
        checkpoint,
        onAlert: options.quiet || view ? undefined : alertTeller(options.json),
        onBlock: (block) => {
          live?.show(block)
          view?.show(block)
          if (block.final) view?.clear()
        },
        threads: workerThreads,
        signal: stop.signal,
        environment: { runtime: `node ${process.versions.node}` },
      })
      endProgress()
      const failed = options.failOn !== undefined && atLeast(alerts, options.failOn)
      return stop.exitCode() ?? (failed ? 3 : 0)
    } catch (error) {
      endProgress()
      if (!(error instanceof ThalwegError)) throw error
      if (error.code === 'E_PIPE') return stop.exitCode() ?? 0
      report(await withShipped(error, meter.open, complete.settings), options.json)
      checkpoint?.store.dispose()
      // A run that is refused at the start may end the training, which has hardly begun. Hours later the training must survive.
      const wasTraining = error.exitCode === 65 || (meter.frames > 0 && error.exitCode !== 78)
      // If a pipe fell silent, there is nothing to read.
      if (wasTraining && !options.exitEarly && error.path !== idlePath) {
        await drainInputs(stop.signal, complete.settings.limits.idleMs)
      }
      return error.exitCode
    } finally {
      await live?.close()
      stop.release()
      checkpoint?.store.dispose()
      closeInputs()
    }
  },
})

/** Adds the defaults for what the pipeline does not name: it reads stdin and writes lines to stdout. */
function completed(
  { settings, threads, source, sinks }: Pipeline,
  look: Look,
  input?: string
): CompletePipeline {
  return {
    settings,
    threads,
    source: input === undefined ? (source ?? stdin()) : fileSource({ path: input }),
    sinks: sinksFor(look, sinks ?? [ndjson({ path: '-' })]),
  }
}

/** The files that a run reads and writes. */
function filesOf({ source, sinks }: CompletePipeline, checkpoint?: string): UsedFile[] {
  const path = source.definition.type === 'stdin' ? 0 : source.options.path
  return [
    { use: 'the stream', path },
    ...(checkpoint === undefined
      ? []
      : [
          { use: 'the checkpoint', path: checkpoint },
          { use: "the checkpoint's lock", path: lockOf(checkpoint) },
        ]),
    ...sinks.map(({ definition, options }) => ({
      use: `sink ${definition.type}`,
      path: options.path === '-' ? undefined : options.path,
    })),
  ].filter((file): file is UsedFile => file.path !== undefined)
}

function checkpointOf({ checkpoint: { path, every } }: Pipeline, resume: boolean) {
  if (path !== undefined) return { store: checkpointFile(path), every, resume }
  if (!resume) return undefined
  throw new ThalwegError(
    'E_USAGE',
    '--resume: the pipeline has no checkpoint. Name its file, as in --set checkpoint.path=run.state.'
  )
}

function atLeast(level: (typeof levels)[number] | undefined, least: (typeof levels)[number]) {
  return level !== undefined && levels.indexOf(level) >= levels.indexOf(least)
}
