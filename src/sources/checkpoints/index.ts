import { basename, resolve } from 'node:path'
import { ThalwegError } from '../../error.ts'
import { defineSource } from '../../pipeline/source.ts'
import { string } from '../../spec/fields.ts'
import { frameWriter } from '../../wire/writer.ts'
import { checkpointsIn, load, type Stored } from './folder.ts'
import { type Held, type Loaded, refused } from './loaded.ts'

export const checkpoints = defineSource({
  type: 'checkpoints',
  summary:
    'A folder of checkpoints (.safetensors, .npz, TF.js models), read as a stream of deltas.',
  options: {
    path: string({
      description:
        'folder of checkpoints, each a file or a folder of shards; the last number in a name is the step',
      required: true,
    }),
    run: string({ description: "name of the run; default: the folder's" }),
  },
  async *open({ path, run = basename(resolve(path)) }, signal) {
    const [first, ...later] = checkpointsIn(path)
    let last = await load(first!)
    let step = last.step ?? 0
    const names = [...last.tensors.keys()]
    const tensors = names.map((name) => {
      const { shape, values } = last.tensors.get(name)!
      return { name, shape, dtype: values instanceof Float64Array ? 'f64' : 'f32' } as const
    })
    if (tensors.length === 0) throw refused(first!.path, 'it has no floating-point tensor')
    const writer = frameWriter({ run, tensors })
    const anchor = { step, data: names.map((name) => last.tensors.get(name)!.values) }
    yield* writer.open()
    yield* writer.anchor(anchor)
    let before = first!
    for (const stored of later) {
      if (signal.aborted) return
      const next = await load(stored)
      const base = step
      step = next.step ?? base + 1
      if (step <= base) throw outOfOrder(stored, step, before, base)
      const data = names.map((name) => difference(stored.path, name, last, next))
      yield* writer.delta({ step, base, stride: step - base, data })
      last = next
      before = stored
    }
    yield* writer.close()
  },
})

/** How far a tensor moved from one checkpoint to the next, in its own number format. */
function difference(path: string, name: string, last: Loaded, next: Loaded): Held['values'] {
  const from = last.tensors.get(name)!
  const to = next.tensors.get(name)
  if (to === undefined)
    throw refused(path, `tensor "${name}" of the checkpoint before is not in it`)
  if (to.shape.join() !== from.shape.join()) {
    const [now, before] = [to.shape.join(', '), from.shape.join(', ')]
    throw refused(path, `tensor "${name}" is [${now}], and was [${before}]`)
  }
  const moved = from.values instanceof Float64Array ? Float64Array : Float32Array
  const values = new moved(from.values.length)
  for (let i = 0; i < values.length; i++) values[i] = to.values[i]! - from.values[i]!
  return values
}

function outOfOrder(own: Stored, step: number, before: Stored, base: number): ThalwegError {
  const unnamed = [own, before].find((stored) => stored.step === undefined)
  const why = unnamed ? ` The name "${basename(unnamed.path)}" says no step.` : ''
  return new ThalwegError(
    'E_INPUT',
    `checkpoint "${own.path}" is of step ${step}, and "${basename(before.path)}" before it of ${base}.${why} The last number in a name is the step, as in step-100.safetensors: name checkpoints so, or move out what is none of this run.`
  )
}
