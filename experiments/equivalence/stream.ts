// `node --import tsx experiments/equivalence/stream.ts omd | thalweg run ...`: the paths of an optimizer from 25 starts as a
// stream, each start a member.
import { fileURLToPath } from 'node:url'
import { frameWriter } from '../../src/wire/writer.ts'
import { type Optimizer, trajectories } from './optimizers.ts'

/** The frames of a run, in f64. */
export function* streamOf(name: Optimizer): Generator<Uint8Array> {
  const paths = trajectories(name)
  const writer = frameWriter({
    run: name,
    tensors: [{ name: 'x', shape: [2], dtype: 'f64' }],
    members: paths.length,
    coupled: true,
  })
  const own = (frames: readonly Uint8Array[]): Uint8Array[] => frames.map((frame) => frame.slice())
  yield* writer.open()
  for (const [member, path] of paths.entries()) {
    yield* own(writer.anchor({ step: 0, member, data: [Float64Array.from(path[0]!)] }))
  }
  for (let step = 1; step < paths[0]!.length; step++) {
    for (const [member, path] of paths.entries()) {
      const delta = Float64Array.from(path[step]!, (value, i) => value - path[step - 1]![i]!)
      yield* own(writer.delta({ step, member, base: step - 1, data: [delta] }))
    }
  }
  yield* writer.close()
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const names: readonly Optimizer[] = ['omd', 'ogd', 'bisection']
  const name = names.find((own) => own === process.argv[2])
  if (!name) throw new Error(`no optimizer "${process.argv[2]}". There are: ${names.join(', ')}.`)
  for (const frame of streamOf(name)) process.stdout.write(frame)
}
