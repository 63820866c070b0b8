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
import { bundled } from '../support/bundled.ts'
import { frame } from '../support/stream.ts'

const [count = '1000000', pipelineFile] = process.argv.slice(2)
const frames = Number(count)
const folder = mkdtempSync(join(tmpdir(), 'thalweg-'))
const program = await bundled('src/node/cli/main.ts')
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
const rest = samples.filter((sample) => sample.frames > frames / 10)
const first = rest[0]!
const most = (of: 'MiB' | 'descriptors') => Math.max(...rest.map((sample) => sample[of]))
console.log(
  `${written - 1} frames in ${seconds.toFixed(0)} s, exit ${code}: after a tenth ${first.MiB.toFixed(0)} MiB and ` +
    `${first.descriptors} descriptors, from then on at most ${most('MiB').toFixed(0)} and ${most('descriptors')}, ` +
    `in the end ${rest.at(-1)!.MiB.toFixed(0)} and ${rest.at(-1)!.descriptors}`
)
// A state that is being written takes two more; memory may breathe.
const flat = most('MiB') < first.MiB + 24 && most('descriptors') <= first.descriptors + 2
if (code !== 0 || !flat) process.exitCode = 1
rmSync(folder, { recursive: true })
rmSync(program, { recursive: true })
