import { closeSync, openSync, readSync } from 'node:fs'
import { runSpec, specsOf } from '../../../engine/run/specs.ts'
import type { AnalysedBlock, SummarySpecs } from '../../../engine/summary.ts'
import { exitCodes, ThalwegError } from '../../../error.ts'
import { runPipeline } from '../../../pipeline/run-pipeline.ts'
import { defineSink } from '../../../pipeline/sink.ts'
import { file } from '../../../sources/file/index.ts'
import type { Tensor } from '../../../wire/frame.ts'
import { loadPipeline, type PipelineFile } from '../../pipeline-file.ts'
import { registry } from '../../registry.ts'
import { parseSetting } from '../../set.ts'
import { readSummaries } from '../../summaries.ts'
import { type Comparable, comparablesOf, unwrapped } from './figures.ts'
import type { Input } from './inputs.ts'
import { isAddress, postedBlocks } from './posted.ts'

/** Everything in a run that can be compared. */
export interface ComparedRun {
  readonly run: string
  readonly path: string
  /** Values by the name of the figure, in the order in which they came. The last one covers the whole run. */
  readonly figures: Map<string, Comparable[]>
  /** Why a figure has no value, by its name. */
  readonly lacks: Map<string, string>
  /** The tensors in a recording's `open` frame. Stored summaries do not have them. */
  tensors?: readonly Tensor[]
  /** Number of selected weights and tensors. */
  size?: { readonly parameters: number; readonly tensors: number }
  /** The error in its stream or its summaries because of which it cannot be compared. */
  unsound?: string
  /** First and last analysed step. */
  steps?: readonly [from: number, to: number]
}

/** How runs are read: the pipeline that analyses recordings, and what is known of its stages. */
export interface Reading {
  readonly pipeline: string
  readonly specs: SummarySpecs
  readonly signal: AbortSignal
  /** The token for servers that hold runs. */
  readonly token: string | undefined
}

export async function readingOf(
  pipeline: string,
  token: string | undefined,
  signal: AbortSignal
): Promise<Reading> {
  const loaded = await loadPipeline(pipeline, [], registry)
  return { pipeline, specs: specsOf(loaded.registry), signal, token }
}

/**
 * The runs in a file of stored summaries or a recorded stream, or the posted run at an address.
 *
 * @throws E_INPUT if there is none
 */
export async function runsIn({ path }: Input, reading: Reading): Promise<ComparedRun[]> {
  const runs: ComparedRun[] = []
  const isRecorded = isRecording(path)
  let ended = true
  const take = (block: AnalysedBlock): void => {
    if (ended || runs.at(-1)!.run !== block.run) {
      runs.push(emptyRun(block.run, path))
    }
    ended = block.final
    note(runs.at(-1)!, block, reading.specs)
  }
  try {
    if (isRecorded) await analyse(path, [], reading, take)
    else {
      const stored = isAddress(path) ? postedBlocks(path, reading) : readSummaries(path, reading)
      for await (const block of stored) take(block)
    }
  } catch (error) {
    if (!(error instanceof ThalwegError) || error.exitCode !== exitCodes.E_FRAME) throw error
    if (runs.length === 0) runs.push(emptyRun(path, path))
    const place = isRecorded ? `file "${path}", ` : ''
    runs.at(-1)!.unsound = `The ${place}${error.message}`
  }
  if (runs.length > 0) return runs
  throw new ThalwegError(
    'E_INPUT',
    `compare: "${path}" holds no run. Give what a trainer or the sink "ndjson" has written, or move it out of the folder.`
  )
}

/**
 * The first and the second half of a recorded run, as separate runs. Empty for stored summaries, and if a stage needs the weights
 * themselves, because the second half may lack them.
 */
export async function halvesOf(
  { run, path, steps }: ComparedRun,
  reading: Reading
): Promise<ComparedRun[]> {
  if (!isRecording(path) || !steps || steps[0] === steps[1]) return []
  const middle = Math.floor((steps[0] + steps[1]) / 2)
  const halves: ComparedRun[] = []
  for (const setting of [`select.to=${middle}`, `select.from=${middle + 1}`]) {
    const half = emptyRun(setting, path)
    try {
      await analyse(path, [setting], reading, (block) => {
        if (block.run === run) note(half, block, reading.specs)
      })
    } catch (error) {
      if (error instanceof ThalwegError && error.code === 'E_CONFIG') return []
      throw error
    }
    halves.push(half)
  }
  return halves
}

function emptyRun(run: string, path: string): ComparedRun {
  return { run, path, figures: new Map(), lacks: new Map() }
}

function note(run: ComparedRun, block: AnalysedBlock, specs: SummarySpecs): void {
  const { summaries, open, from, to } = block
  if (open) {
    const names = unwrapped(open.tensors.map(({ name }) => name))
    run.tensors = open.tensors.map((tensor, i) => ({ ...tensor, name: String(names[i]) }))
  }
  run.steps = [run.steps?.[0] ?? from, to]
  for (const summary of summaries) {
    if (summary.type === runSpec.type) {
      const { parameters, tensors } = summary.values
      run.size = { parameters, tensors } as NonNullable<ComparedRun['size']>
    }
    for (const { name, comparable } of comparablesOf(summary, specs)) {
      const earlier = run.figures.get(name)
      if (!comparable) run.lacks.set(name, summary.values.why as string)
      else if (earlier) earlier.push(comparable)
      else run.figures.set(name, [comparable])
    }
  }
}

async function analyse(
  path: string,
  settings: readonly string[],
  { pipeline: name, signal }: Reading,
  write: (block: AnalysedBlock) => void
): Promise<void> {
  const { pipeline }: PipelineFile = await loadPipeline(name, settings.map(parseSetting), registry)
  const sink = defineSink({
    type: 'compare',
    summary: 'Keeps what can be compared.',
    options: {},
    open: () => ({ write, close: () => {} }),
  })
  const source = file({ path })
  await runPipeline({ settings: pipeline.settings, source, sinks: [sink()] }, { signal })
}

/** Whether a file does not begin like JSON. If it is not a stream either, reading it as one gives the error. */
function isRecording(path: string): boolean {
  if (isAddress(path)) return false
  const descriptor = openSync(path, 'r')
  try {
    const head = new Uint8Array(1)
    return readSync(descriptor, head) === 1 && !/[\s{]/.test(String.fromCharCode(head[0]!))
  } finally {
    closeSync(descriptor)
  }
}
