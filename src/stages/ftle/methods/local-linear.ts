import { turnOf } from '../../../stage/index.ts'
import { coarsest } from '../bounds.ts'
import { Path } from '../local/path.ts'
import { localReport, lookAt } from '../local/report.ts'
import type { FtleOptions, FtleShape } from '../options.ts'
import { hear, Standing } from '../verdict/standing.ts'
import type { Method } from './method.ts'

/** Exponents of the linear map that best fits the path of a single run, in the directions that an svd keeps. */
export const localLinear: Method = {
  needs: (_options, _open, member) => ({ members: [member] }),

  plan: (shape, options) => ({
    header: Standing.bytes + Path.bytes(pointsOf(shape, options), rankOf(shape)),
    perTile: 0,
    scratch: 0,
  }),

  cost: () => ({ flops: 0, bytes: 0 }),

  start: ({ arena, header, options, shape, ports }) => {
    const { open, scope, member } = shape
    const window = windowOf(options)
    const standing = new Standing(arena, header)
    const rank = rankOf(shape)
    const path = new Path(arena, header + Standing.bytes, pointsOf(shape, options), rank)
    const unit = coarsest(scope, open)
    return {
      // Everything that it reads is small and the same on every shard, so there is nothing to reduce.
      *step(block, mode) {
        const result = ports.gram!.last
        if (result) {
          const { increments, squares, ...turn } = turnOf(result, block.length, path.rank)
          path.keep(window + 1)
          path.turn(turn)
          block.of(member).marks.forEach(({ present, breaks }, j) => {
            if (present) path.append(block.steps[j]!, breaks, increments[j]!, squares[j]!)
            else path.clear()
          })
        }
        const taken = block.before + block.length
        if (!mode.report && !standing.isDue(taken)) return {}
        const look = lookAt(path, { window, horizon: options.horizon, unit })
        const { told, steps } = look
        if (standing.isDue(taken)) {
          standing.keep(hear(standing.stand, told.verdict, steps, block.steps.at(-1) ?? 0), taken)
        }
        return mode.report ? localReport(look, standing.stand) : {}
      },
    }
  },
}

/** Number of steps of the window, by default too. */
const windowOf = ({ window = 512 }: FtleOptions): number => window
/** Capacity: a window, the point before it, and a block that arrives before the oldest points are dropped. */
const pointsOf = ({ block }: FtleShape, options: FtleOptions): number =>
  windowOf(options) + 1 + block
/** Number of directions: as many as the svd reports. */
const rankOf = ({ facts, scope }: FtleShape): number => Math.min(facts.gram!.rank, scope.rows)
