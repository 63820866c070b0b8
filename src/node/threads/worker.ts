import { parentPort, workerData } from 'node:worker_threads'
import type { Run } from '../../engine/run/run.ts'
import { Runs } from '../../engine/run/runs.ts'
import type { ParsedStage } from '../../engine/settings/settings.ts'
import { StateLoader } from '../../engine/state/load.ts'
import { unsealedState } from '../../engine/state/save.ts'
import type { AnalysedBlock } from '../../engine/summary.ts'
import { ThalwegError } from '../../error.ts'
import type { Loaded } from '../../pipeline/analyst.ts'
import { registry } from '../registry.ts'
import { loadModule } from '../use.ts'
import { Broken, Meeting } from './meeting.ts'
import {
  type AssignedStage,
  type Assignment,
  type Message,
  packError,
  type Request,
  type Standing,
  unpackError,
} from './protocol.ts'

/**
 * The thread of one shard. It gets every frame, stores its own rows and runs its stages. When figures over all rows are needed,
 * it meets the other threads. So all threads do the same, and fail with the same error at the same frame.
 */
const { shard, shards, meeting: buffer, settings, stages } = workerData as Assignment
const port = parentPort!
const meeting = new Meeting(shards, buffer)
const share = { shard, allReduce: meeting.allReduce(shard) }

const say = (message: Message, transfer: ArrayBuffer[] = []): void =>
  port.postMessage(message, transfer)

const emit = ({ columns: _, open: __, ...block }: AnalysedBlock): void => {
  if (shard === 0) say({ kind: 'block', block })
}

const runs = new Runs({ ...settings, stages: await Promise.all(stages.map(found)) }, emit, share)

let hasFailed = false
let loader: StateLoader | undefined
let saving: Iterator<Uint8Array> | undefined
let current: Run | undefined
let number = 0

port.on('message', (request: Request) => {
  try {
    answer(request)
  } catch (error) {
    hasFailed = true
    if (error instanceof ThalwegError) say({ kind: 'failed', error: packError(error) })
    else {
      meeting.break()
      const text = String((error as Error)?.stack ?? error)
      say(error instanceof Broken ? { kind: 'broken' } : { kind: 'failed', error: text })
    }
  }
})

function answer(request: Request): void {
  if (hasFailed) say({ kind: 'done' })
  else if (request.kind === 'frame') advance(() => runs.take(request.frame))
  else if (request.kind === 'end') {
    const { failure } = request
    advance(() => runs.end(failure === undefined ? undefined : unpackError(failure)))
  } else if (request.kind === 'load') {
    loader ??= new StateLoader(runs.settings, emit, request.join, share)
    loader.push(request.chunk)
    say({ kind: 'done' })
  } else if (request.kind === 'loaded') done(loaded(request.join))
  else if (request.kind === 'save') {
    saving = unsealedState(runs.current!, request.host)
    say({ kind: 'done' })
  } else nextChunk()
}

/** An error in the data ends the run. What was computed is emitted first. */
function advance(act: () => void): void {
  try {
    act()
  } catch (error) {
    if (error instanceof ThalwegError) runs.end(error)
    throw error
  }
  done()
}

function loaded(join: 'next' | 'earlier'): Loaded {
  loader ??= new StateLoader(runs.settings, emit, join, share)
  const run = loader.finish()
  runs.resume(run, join)
  return { place: run.place, host: loader.host }
}

function nextChunk(): void {
  const { value } = saving!.next() as IteratorResult<Uint8Array, undefined>
  const chunk = value?.slice()
  say({ kind: 'done', chunk }, chunk ? [chunk.buffer] : [])
}

function done(loaded?: Loaded): void {
  say({ kind: 'done', run: standing(), loaded })
}

function standing(): Standing | undefined {
  if (runs.current !== current) {
    current = runs.current
    number++
  }
  return current && { number, blocks: current.blocks }
}

/** The stage with its definition, which cannot be sent between threads. */
async function found({ type, module, ...stage }: AssignedStage): Promise<ParsedStage> {
  const { stages } = module === undefined ? registry : await loadModule(module)
  const { definition } = stages.find((known) => known.definition.type === type)!
  return { ...stage, definition }
}
