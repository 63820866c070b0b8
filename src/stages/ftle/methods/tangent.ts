import { gramSums, gramsBytes, weightSquare } from '../grams.ts'
import { record, tangentPoints } from '../points.ts'
import { report } from '../report.ts'
import { Series } from '../series.ts'
import { spectrumOf } from '../spectrum.ts'
import { look } from '../verdict/look.ts'
import { Standing } from '../verdict/standing.ts'
import type { Method } from './method.ts'

/**
 * Tangent vectors that the trainer computes and sends: Benettin's exponents. The trainer may renormalise them in any way, or not at all.
 */
export const tangent: Method = {
  needs: ({ tangents }, open, member) => ({
    members: [member],
    tangents,
    double: open.tensors.some(({ dtype }) => dtype === 'f64'),
  }),

  plan: ({ scope, block }, { tangents }) => ({
    header: Standing.bytes + Series.bytes({ vectors: tangents }),
    perTile: 0,
    scratch: gramsBytes(scope.tiles, tangents + 1, block),
  }),

  cost: ({ elementBytes }, { tangents }) => ({
    flops: (tangents + 1) * (tangents + 2),
    bytes: (tangents + 1) * elementBytes,
  }),

  start: (context) => {
    const { arena, header, options, shape } = context
    const { window } = options
    const { member } = shape
    const standing = new Standing(arena, header)
    const series = new Series(arena, header + Standing.bytes, { vectors: options.tangents })
    return {
      *step(block, mode) {
        const { pointer, stride, elementBytes, tangents: all } = block.of(member)
        const tangents = all.slice(0, options.tangents)
        const columns = tangents.map(({ pointer }) => ({
          separation: 0,
          pointer,
          stride,
          elementBytes,
        }))
        const own = { separation: 0, pointer, stride, elementBytes }
        const sums = yield* gramSums(context, block, [...columns, own], true)
        const scale = block.weights > 0 ? Math.sqrt(weightSquare(sums)) : series.lastScale
        const points = tangentPoints(block, member, tangents, sums, scale)
        record(series, block, points, window)
        if (!mode.report && !standing.isDue(series.offered)) return {}
        const { judgement, stand } = look(series, standing, {
          window,
          isTangent: true,
          coupled: true,
          weights: shape.scope.elements,
          missing:
            series.count === 0 ? 'no tangent frame has come' : 'too few steps with tangents so far',
        })
        if (!mode.report) return {}
        return report({
          method: 'tangent',
          sees: 'infinitesimal perturbations in the directions sent, along this one path; no saturation, nothing the trainer leaves out of its tangents',
          series,
          exponents: spectrumOf(series, window),
          judgement,
          stand,
        })
      },
    }
  },
}
