import { pack } from 'msgpackr/pack'

/** What a made-up training is like. */
export interface Walk {
  readonly steps: number
  readonly rows?: number
  readonly members?: number
  /** Leave out the anchors, or the `close`. */
  readonly anchors?: boolean
  readonly close?: boolean
}

export function frame(kind: string, rest: object = {}): Uint8Array {
  return pack({ kind, ...rest })
}

export function openFrame(
  { rows = 300, members = 1 }: Partial<Walk> = {},
  run = 'test'
): Uint8Array {
  const tensors = [
    { name: 'dense.weight', shape: [rows], dtype: 'f32' },
    { name: 'dense.bias', shape: [10], dtype: 'f32' },
  ]
  return frame('open', { version: 1, run, tensors, members })
}

/** A tensor's bytes, all of one value: cheap to make, and as long as any other. */
export function bytes(rows: number, value: number): Uint8Array {
  return new Uint8Array(new Float32Array(rows).fill(value).buffer)
}

export function delta(step: number, member: number, rows: number, value: number): Uint8Array {
  const data = [bytes(rows, value), bytes(10, value)]
  return frame('delta', { step, member, base: step - 1, metrics: { loss: 1 / step }, data })
}

/** The frames of a training with members that drift apart slowly. */
export function* walk(options: Walk): Generator<Uint8Array> {
  const { steps, rows = 300, members = 1, anchors = true, close = true } = options
  let frames = 0
  yield openFrame(options)
  for (let member = 0; anchors && member < members; member++) {
    const data = [bytes(rows, 1 + member * 1e-4), bytes(10, 0)]
    yield frame('anchor', { step: 0, member, data })
    frames++
  }
  for (let step = 1; step <= steps; step++) {
    for (let member = 0; member < members; member++) {
      yield delta(step, member, rows, Math.sin(step) / 100 + member * 1e-6 * step)
      frames++
    }
  }
  if (close) yield frame('close', { frames })
}

export function stream(options: Walk): Uint8Array {
  return Buffer.concat([...walk(options)])
}
