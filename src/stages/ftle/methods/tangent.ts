import { gramSums, gramsBytes } from '../grams.ts'
import { record, tangentPoints } from '../points.ts'
import { report } from '../report.ts'
import { Series } from '../series.ts'
import { spectrumOf } from '../spectrum.ts'
import type { Method } from './method.ts'

/** Tangent vectors that the trainer carries along and sends: Benettin's exponents, renormalised by whom it suits. */
export const tangent: Method = {
  needs: ({ tangents }, open, member) => ({
    members: [member],
    tangents,
    double: open.tensors.some(({ dtype }) => dtype === 'f64'),
  }),

  plan: ({ scope, block }, { tangents }) => ({
    header: Series.bytes({ vectors: tangents }),
    perTile: 0,
    scratch: gramsBytes(scope.tiles, tangents, block),
  }),

  cost: ({ elementBytes }, { tangents }) => ({
    flops: tangents * (tangents + 1),
    bytes: tangents * elementBytes,
  }),

  start: (context) => {
    const { arena, header, options, shape } = context
    const { window } = options
    const { member } = shape
    const series = new Series(arena, header, { vectors: options.tangents })
    return {
      *step(block, mode) {
        const { stride, elementBytes, tangents: all } = block.of(member)
        const tangents = all.slice(0, options.tangents)
        const columns = tangents.map(({ pointer }) => ({
          separation: 0,
          pointer,
          stride,
          elementBytes,
        }))
        const sums = yield* gramSums(context, block, columns, false)
        const points = tangentPoints(block, member, tangents, sums)
        record(series, block, points, window)
        if (!mode.report) return {}
        return report({
          method: 'tangent',
          sees: 'infinitesimal perturbations in the directions sent, along this one path; no saturation, nothing the trainer leaves out of its tangents',
          coupled: true,
          series,
          exponents: spectrumOf(series, window),
          missing:
            series.count === 0 ? 'no tangent frame has come' : 'too few steps with tangents so far',
        })
      },
    }
  },
}
