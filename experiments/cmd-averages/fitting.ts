import type { StageValue } from '../../src/stage/define.ts'
import { openHeader } from '../../src/stage/header.ts'
import { tileRows } from '../../src/stage/scope.ts'
import { readFit } from '../../src/stages/cmd/fit.ts'
import { cmd } from '../../src/stages/cmd/index.ts'
import type { CmdContext } from '../../src/stages/cmd/spec.ts'
import { headerShape } from '../../src/stages/cmd/state.ts'

/** What CMD says of all weights, flat in the order of the stream's tensors: w_i ≈ a_i w_r(i) + b_i. */
export interface Fit {
  /** Flat index of each weight's reference; -1 where it has none. */
  readonly reference: Int32Array
  readonly a: Float64Array
  readonly b: Float64Array
}

/** `cmd`, and the fit that its state holds after the block before; undefined until modes are chosen. */
export function fittingCmd(options: Parameters<typeof cmd>[0]): {
  stage: StageValue
  fit: () => Fit | undefined
} {
  const value: StageValue = cmd(options)
  const { definition } = value
  let read: (() => Fit | undefined) | undefined
  const stage: StageValue = {
    ...value,
    definition: {
      ...definition,
      start(context) {
        const instance = definition.start(context)
        return {
          ...instance,
          *step(block, mode) {
            const outcome = yield* instance.step(block, mode)
            const { weights } = block
            read = () => fitOf(context as unknown as CmdContext, weights)
            return outcome
          },
        }
      },
    },
  }
  return { stage, fit: () => read?.() }
}

function fitOf(context: CmdContext, weights: number): Fit | undefined {
  const { arena, scope, options } = context
  const header = openHeader(arena, context.header, headerShape(options))
  if (header.modes === 0) return undefined
  const starts = new Map<number, number>()
  let size = 0
  for (const { index, rows } of scope.tensors) {
    starts.set(index, size)
    size += rows
  }
  const references = Array.from(header.row.slice(0, header.modes), (row) => {
    const tensor = scope.tensors.findLast(({ tile }) => tile * tileRows <= row)!
    return starts.get(tensor.index)! + row - tensor.tile * tileRows
  })
  const fit = {
    reference: new Int32Array(size).fill(-1),
    a: new Float64Array(size),
    b: new Float64Array(size),
  }
  for (const { tensor, first, mode, a, b } of readFit(context, weights)) {
    const at = starts.get(tensor)! + first
    mode.forEach((m, row) => {
      fit.reference[at + row] = m < 0 ? -1 : references[m]!
    })
    fit.a.set(a, at)
    fit.b.set(b, at)
  }
  return fit
}

/** The weights as their references stand for them. A weight without a reference is its own mean. */
export function modelled({ reference, a, b }: Fit, weights: Float32Array): Float32Array {
  return Float32Array.from(b, (own, i) =>
    reference[i]! < 0 ? own : a[i]! * weights[reference[i]!]! + own
  )
}
