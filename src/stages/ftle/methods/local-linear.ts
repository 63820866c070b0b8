import type { Block } from '../../../engine/block.ts'
import type {
  Mode,
  Outcome,
  PlanShape,
  StageContext,
  StageInstance,
  Step,
} from '../../../engine/stage.ts'
import type { SvdOptions } from '../../svd/options.ts'
import type { SvdResult } from '../../svd/step.ts'
import { turnOf } from '../local/coordinates.ts'
import { Path } from '../local/path.ts'
import { localReport } from '../local/report.ts'
import type { FtleOptions } from '../options.ts'
import type { Method } from './method.ts'

/** Steps of the window where none is given. */
const defaultWindow = 512

/** Exponents of the linear map that fits one run's own path best, in the directions that an svd keeps. */
export const localLinear: Method = {
  needs: (_open, _options, member) => ({ members: [member] }),

  plan: (shape, options) => ({
    header: Path.bytes(pointsOf(shape, options), rankOf(shape)),
    perTile: 0,
    scratch: 0,
  }),

  cost: () => ({ flops: 0, bytes: 0 }),

  start: (context) => new LocalLinear(context),
}

const windowOf = ({ window = defaultWindow }: FtleOptions): number => window
/** A window, the point before it, and a block that comes in before the oldest points go. */
const pointsOf = ({ block }: PlanShape, options: FtleOptions): number =>
  windowOf(options) + 1 + block
/** Directions: as many as the svd reports. */
const rankOf = ({ upstream, scope }: PlanShape): number =>
  Math.min((upstream!.options as unknown as SvdOptions).rank, scope.rows)

class LocalLinear implements StageInstance {
  readonly #context: StageContext<FtleOptions>
  readonly #path: Path

  constructor(context: StageContext<FtleOptions>) {
    const { arena, header, options, shape } = context
    this.#context = context
    this.#path = new Path(arena, header, pointsOf(shape, options), rankOf(shape))
  }

  // All it reads is small and the same on every shard, so nothing is left to reduce.
  *step(block: Block, mode: Mode): Step<Outcome> {
    const { options, shape } = this.#context
    const result = mode.upstream?.result as SvdResult | undefined
    if (result) this.#record(block, result)
    if (!mode.report) return { values: {} }
    return localReport(this.#path, {
      window: windowOf(options),
      horizon: options.horizon,
      dtypes: shape.scope.indices.map((i) => shape.open.tensors[i]!.dtype),
    })
  }

  #record(block: Block, result: SvdResult): void {
    const path = this.#path
    const { marks } = block.of(this.#context.shape.member)
    const turn = turnOf(result, block.length, path.rank)
    path.keep(windowOf(this.#context.options) + 1)
    path.turn(turn)
    for (const [j, { present, breaks }] of marks.entries()) {
      if (present) path.append(block.steps[j]!, breaks, turn.increments[j]!, turn.squares[j]!)
      else path.clear()
    }
  }
}
