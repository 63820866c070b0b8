// Pipes a million frames into the command line and watches what its process holds: resident memory and open descriptors
// must stay as they were after the first tenth.
//
//   node --import tsx test/evidence/soak.ts [frames] [pipeline]
//
// Two members of 1,000 weights, with anchors, metrics under changing names, parts, gaps and repeats, and a checkpoint.
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundledCommandLine } from '../support/bundled.ts'
import { frame } from '../support/stream.ts'

const [count = '1000000', pipelineFile] = process.argv.slice(2)
const frames = Number(count)
const folder = mkdtempSync(join(tmpdir(), 'thalweg-'))
const program = await bundledCommandLine()
const pipeline = join(folder, 'pipeline.json')
const json = pipelineFile
  ? JSON.parse(readFileSync(pipelineFile, 'utf8'))
  : { stages: [{ type: 'svd', rank: 4 }, { type: 'ftle' }] }
writeFileSync(
  pipeline,
  JSON.stringify({
    ...json,
    checkpoint: { path: join(folder, 'state'), every: 512 },
    sinks: [{ type: 'ndjson', path: join(folder, 'lines') }],
  })
)
const child = spawn(process.execPath, [join(program, 'main.js'), 'run', pipeline, '--quiet'], {
  stdio: ['pipe', 'inherit', 'inherit'],
})
const done = new Promise<number | null>((resolve) => child.once('close', resolve))

/** What the process holds; Linux says so. */
const held = () => ({
  MiB: Number(/VmRSS:\s*(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))![1]) / 1024,
  descriptors: readdirSync(`/proc/${child.pid}/fd`).length,
})

const samples: (ReturnType<typeof held> & { readonly frames: number })[] = []
const began = performance.now()
let written = 0
const write = async (...chunks: Uint8Array[]): Promise<void> => {
  for (const chunk of chunks) {
    written++
    if (!child.stdin.write(chunk))
      await new Promise((resolve) => child.stdin.once('drain', resolve))
  }
  if (written - (samples.at(-1)?.frames ?? 0) >= frames / 100)
    samples.push({ frames: written, ...held() })
}

const tensors = [{ name: 'w', shape: [1000], dtype: 'f32' }]
const moves = Array.from(
  { length: 64 },
  (_, k) =>
    new Uint8Array(Float32Array.from({ length: 1000 }, (_, i) => Math.sin(k * 7 + i) / 1000).buffer)
)
child.stdin.write(frame('open', { version: 1, run: 'soak', tensors, members: 2 }))
for (const member of [0, 1]) await write(frame('anchor', { step: 0, member, data: [moves[0]!] }))
for (let step = 1; written < frames - 8; step++) {
  for (const member of [0, 1]) {
    const data = moves[(step + 13 * member) % 64]!
    const keys = { step, member, base: step % 997 === 0 ? step - 2 : step - 1 }
    const metrics = { loss: 1 / step, [`name ${step % 5000}`]: step }
    if (step % 31 > 0) await write(frame('delta', { ...keys, metrics, data: [data] }))
    else {
      const parts = [
        { o: 0, b: data.subarray(0, 2000) },
        { o: 500, b: data.subarray(2000) },
      ]
      await write(
        frame('delta', { ...keys, more: true, data: [parts[0]] }),
        frame('delta', { ...keys, data: [parts[1]] })
      )
    }
    if (step % 503 === 0) await write(frame('delta', { ...keys, data: [data] }))
  }
}
await write(frame('close', { frames: written }))
child.stdin.end()
const code = await done
const seconds = (performance.now() - began) / 1000
const limit = 150 + memory(folder) + 2 * 16
const tenths = Array.from({ length: 10 }, (_, k) =>
  median(samples.filter((sample) => Math.floor((10 * sample.frames) / frames) === k))
)
const most = (of: 'MiB' | 'descriptors') => Math.max(...samples.map((sample) => sample[of]))
console.log(
  `${written - 1} frames in ${seconds.toFixed(0)} s, exit ${code}: MiB by tenths ${tenths.map((MiB) => MiB.toFixed(0)).join(' ')}, ` +
    `at most ${most('MiB').toFixed(0)} of ${limit.toFixed(0)}; descriptors ${samples[5]!.descriptors} after a twentieth, at most ${most('descriptors')}`
)
// A state that is being written takes two more. Memory breathes, but does not grow.
const early = Math.max(...tenths.slice(1, 4))
const isFlat = Math.max(...tenths.slice(7)) < early + 16 && most('MiB') < limit
if (code !== 0 || !isFlat || most('descriptors') > samples[5]!.descriptors + 2) process.exitCode = 1
rmSync(folder, { recursive: true })
rmSync(program, { recursive: true })

function median(of: readonly { readonly MiB: number }[]): number {
  return of.map(({ MiB }) => MiB).sort((a, b) => a - b)[of.length >> 1] ?? Number.NaN
}

/** The printed bytes of the run, in MiB. */
function memory(folder: string): number {
  const last = readFileSync(join(folder, 'lines'), 'utf8').trimEnd().split('\n').at(-1)!
  return (JSON.parse(last) as { values: { memory: number } }).values.memory / 2 ** 20
}
