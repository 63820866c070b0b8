// The whole, stream of frames to summaries, beside its peers: same deltas, rank, columns and block, on one thread, in turns.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { from } from 'rxjs'
import { type AnalyseOptions, analyse } from '../../src/analyse.ts'
import { loadBackend } from '../../src/node/train/backends.ts'
import type { AnyValues } from '../../src/spec/figures.ts'
import type { StageValue } from '../../src/stage/define.ts'
import { cmd } from '../../src/stages/cmd/index.ts'
import { svd } from '../../src/stages/svd/index.ts'
import type { Frame } from '../../src/wire/frame.ts'
import { close, delta, openFrame } from '../engine/frames.ts'
import { blockGramByMlMatrix, blockGramByTf, stackedSvdByMlMatrix } from './js-peers.ts'
import { table } from './timing.ts'

const rows = 1 << 18
const steps = 128
const rank = 16
const columns = 32
const block = 16
const modes = 10
/** What the slowest peers are given of the weights; as in peers.py. */
const partRows = 16_384
const sizes = [rows, steps, rank, columns, block, modes].map(String)

interface Answer {
  readonly seconds: number
  readonly versions?: Readonly<Record<string, string>>
  readonly values?: readonly number[]
  readonly explained?: number
}

/** peers.py, which makes the deltas and then answers one line at a time. */
class Peers {
  readonly #directory = mkdtempSync(join(tmpdir(), 'thalweg-bench-'))
  readonly #path = join(this.#directory, 'deltas.f32')
  readonly #process = spawn(
    'python3',
    [join(import.meta.dirname, 'peers.py'), this.#path, ...sizes],
    { stdio: ['pipe', 'pipe', 'inherit'] }
  )
  readonly #lines = createInterface(this.#process.stdout)[Symbol.asyncIterator]()

  /** The deltas, one step after another, and what the peers run on. */
  async deltas(): Promise<{ deltas: Float32Array; versions: string }> {
    const { versions } = await this.#answer()
    const { buffer, byteOffset } = readFileSync(this.#path)
    return {
      deltas: new Float32Array(buffer, byteOffset, rows * steps),
      versions: Object.entries(versions!)
        .map(([name, version]) => `${name} ${version}`)
        .join(', '),
    }
  }

  async do(work: string): Promise<Answer> {
    this.#process.stdin.write(`${work}\n`)
    return this.#answer()
  }

  end(): void {
    this.#process.stdin.end()
    rmSync(this.#directory, { recursive: true })
  }

  async #answer(): Promise<Answer> {
    const { value, done } = await this.#lines.next()
    if (done) throw new Error('peers.py ended early')
    return JSON.parse(value)
  }
}

/** The deltas as frames. */
function framesOf(deltas: Float32Array): Frame[] {
  const all: Frame[] = [openFrame([{ name: 'w', shape: [rows] }])]
  for (let j = 0; j < steps; j++) {
    const own = deltas.subarray(rows * j, rows * (j + 1))
    all.push(delta(j + 1, [new Uint8Array(own.buffer, own.byteOffset, own.byteLength)]))
  }
  return [...all, close(steps)]
}

/** The first weights of each step. */
function firstOf(deltas: Float32Array, count: number): Float32Array {
  const part = new Float32Array(count * steps)
  for (let j = 0; j < steps; j++) {
    part.set(deltas.subarray(rows * j, rows * j + count), count * j)
  }
  return part
}

/** Seconds from the first frame to the last summary, and its values. */
function analysed(frames: readonly Frame[], stage: StageValue, options: AnalyseOptions) {
  let values: AnyValues = {}
  const start = performance.now()
  from(frames)
    .pipe(analyse({ block, ...options }, stage))
    .subscribe((one) => {
      values = one.summaries.find(({ type }) => type === stage.definition.type)?.values ?? values
    })
  return { seconds: (performance.now() - start) / 1e3, values }
}

/** The tables of svd and cmd beside their peers. */
export async function peerTables(relaxed: boolean, turns: number): Promise<string> {
  const peers = new Peers()
  try {
    const { deltas, versions } = await peers.deltas()
    const frames = framesOf(deltas)
    const part = firstOf(deltas, partRows)
    const { tf } = await loadBackend('wasm')
    const whole = { rows, steps, rank, columns, block }
    const script = (run: () => number[]) => async (): Promise<Answer> => {
      const start = performance.now()
      const values = run()
      return { values, seconds: (performance.now() - start) / 1e3 }
    }
    const own = (stage: StageValue, mode: 'strict' | 'fast') => async (): Promise<Answer> => {
      const { seconds, values } = analysed(frames, stage, { mode })
      return {
        seconds,
        values: values.singularValues as number[],
        explained: values.explained as number,
      }
    }
    const peer = (work: string) => (): Promise<Answer> => peers.do(work)
    const [reference, centred] = [await peers.do('exact'), await peers.do('exact, centred')]
    const partly = await peers.do('exact, part')
    const decompositions = await inTurns(
      {
        'thalweg svd, strict': own(svd({ rank, columns }), 'strict'),
        ...(relaxed ? { 'thalweg svd, fast': own(svd({ rank, columns }), 'fast') } : {}),
        'scikit-learn IncrementalPCA': peer('IncrementalPCA'),
        [`IncrementalPCA at its best, ${rank} components, batch ${columns + block - rank}`]:
          peer('IncrementalPCA, best'),
        'torch.svd_lowrank, all steps in memory': peer('svd_lowrank'),
        'torch.pca_lowrank, all steps in memory': peer('pca_lowrank'),
        'NumPy block Gram, f64 sums': peer('f64'),
        'NumPy block Gram, f32': peer('f32'),
        'TF.js (WASM) block Gram, f32': script(() => blockGramByTf(tf, deltas, whole)),
      },
      turns
    )
    const small = { ...whole, rows: partRows }
    const slow = await inTurns(
      {
        'ml-matrix block Gram, f64': script(() => blockGramByMlMatrix(part, small)),
        'ml-matrix SVD of [B X], f64': script(() => stackedSvdByMlMatrix(part, small)),
      },
      1
    )
    const strict = decompositions['thalweg svd, strict']!
    const line = (name: string, answer: Timed, size: number, exact: Answer) => {
      const ratios = answer.turns.map((s, i) => s / size / (strict.turns[i]! / rows))
      return [
        name,
        ((median(answer.turns) * 1e9) / size / steps).toFixed(1),
        median(ratios).toFixed(2),
        ratios.length > 1
          ? `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`
          : '',
        worst(answer.values!, exact.values!).toExponential(1),
      ]
    }
    const svdLines = [
      ...Object.entries(decompositions).map(([name, answer]) =>
        line(name, answer, rows, /PCA|pca/.test(name) ? centred : reference)
      ),
      ...Object.entries(slow).map(([name, answer]) =>
        line(`${name}, ${partRows} weights`, answer, partRows, partly)
      ),
    ]
    const correlations = await inTurns(
      {
        'thalweg cmd, strict, an epoch': own(cmd({ modes }), 'strict'),
        'batch CMD in NumPy, an epoch': peer('modes'),
      },
      turns
    )
    const stream = correlations['thalweg cmd, strict, an epoch']!
    const epoch = median(stream.turns) / steps
    const cmdLines = Object.entries(correlations).map(([name, { turns, explained }]) => {
      const each = name.includes('thalweg') ? epoch : median(turns)
      return [name, (each * 1e3).toFixed(1), (each / epoch).toFixed(1), explained!.toFixed(4)]
    })
    return [
      `${rows} weights, ${steps} steps, rank ${rank}, ${columns} columns, block ${block}; the null included`,
      `${versions}; medians of ${turns} turns, ratios within a turn`,
      table([
        ['', 'ns per weight and step', 'time to strict', 'scatter', 'worst error of 16'],
        ...svdLines,
      ]),
      '',
      table([['', 'ms', 'time to cmd', 'explained'], ...cmdLines]),
    ].join('\n')
  } finally {
    peers.end()
  }
}

/** An answer, and the seconds of each turn. */
interface Timed extends Answer {
  readonly turns: readonly number[]
}

/** Each answer with its turns; the first turn is not counted. */
async function inTurns(
  works: Readonly<Record<string, () => Promise<Answer>>>,
  turns: number
): Promise<Record<string, Timed>> {
  const found: Record<string, Timed> = {}
  for (let turn = -1; turn < turns; turn++) {
    for (const [name, work] of Object.entries(works)) {
      const answer = await work()
      const earlier = turn > 0 ? found[name]!.turns : []
      found[name] = { ...answer, turns: [...earlier, answer.seconds] }
    }
  }
  return found
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!

/** Largest relative error. */
function worst(values: readonly number[], exact: readonly number[]): number {
  return Math.max(...exact.map((sigma, i) => Math.abs(values[i]! - sigma) / sigma))
}
