import type { Arena } from '../kernels/arena.ts'
import type { TreeNodes } from '../kernels/tree.ts'
import type { AnyOptions, Fields, Options, OptionsInput } from '../spec/fields.ts'
import type { Problem } from '../spec/problem.ts'
import type { Json, OpenFrame } from '../wire/frame.ts'
import type { Block } from './block.ts'
import type { Scope, ScopeShape } from './scope.ts'

/**
 * What a shard hands to the all-reduce: a tree of sums over its tiles, and values of which the greatest counts. Slot 0
 * of `add` is a status: a shard never throws between yields, it counts what is wrong there, and after the total all
 * shards throw the same error. A value that only one shard knows travels in `max`, as -Infinity from the others.
 */
export interface Partial {
  readonly add: TreeNodes
  readonly max?: Float64Array
}

export interface Total {
  readonly add: Float64Array
  readonly max: Float64Array
}

/**
 * A step of a stage: yields partials, is given totals. The number, order and length of its yields depend only on
 * options, `open` and totals, so that shards advance in lockstep.
 */
export type Step<Result> = Generator<Partial, Result, Total>

export interface Mode {
  /** False in a peek: rows and columns must be left as they are (the header is put back by the engine). */
  readonly commit: boolean
  /** Whether the outcome's `values` are wanted. */
  readonly report: boolean
  /** What the same stage made of the null's block, where the stage asked for a null. */
  readonly null?: Outcome
  /** What the stage named in `on` made of this block. */
  readonly upstream?: Outcome
}

export interface Alert {
  /** `stage/condition`, stable. */
  readonly id: string
  readonly level: 'info' | 'warn' | 'error'
  readonly message: string
}

/** A summary's figures: what is not finite is written as null and named in `why`. */
export type Values = { readonly [name: string]: Json | undefined }

export interface Outcome {
  readonly values: Values
  readonly alerts?: readonly Alert[]
  /** For later stages that name this one in `on`; valid until the next block. */
  readonly result?: unknown
}

/** What a stage asks of the engine beside its own memory. */
export interface Needs {
  /** Members whose columns it reads; default: the stage's own `member`. */
  readonly members?: readonly number[]
  /** Separations w_m - w_0 (f64) of those members. */
  readonly separations?: boolean
  /** How many tangent vectors of the stage's own member it reads; default 0. */
  readonly tangents?: number
  /** f64 columns. */
  readonly double?: boolean
  /** A second instance of the stage on a matched Gaussian walk. */
  readonly null?: boolean
}

/**
 * Whether a stage works on a sketch, rows that are signed sums of weights (`planning/fold.ts`): never; where the run is
 * one; rather than not fit the memory; always.
 */
export type Sketching = 'never' | 'willing' | 'fallback' | 'always'

/** The stage that another names in `on`: an earlier one that looks at the same rows. */
export interface Upstream {
  readonly id: string
  readonly type: string
  readonly options: AnyOptions
}

export interface PlanShape {
  readonly open: OpenFrame
  readonly scope: ScopeShape
  readonly member: number
  /** Columns in a full block. */
  readonly block: number
  /** Bytes of a column's element: 4, or 8 where columns are f64. */
  readonly elementBytes: 4 | 8
  readonly upstream?: Upstream
}

/** Bytes a stage takes for one scope. */
export interface Plan {
  /** Small state, the same on every shard: everything that outlives a step and is not per row. */
  readonly header: number
  /** State per tile of 256 rows. */
  readonly perTile: number
  /** Shared by all stages, lost after each step. */
  readonly scratch: number
}

export interface StageContext<O> {
  readonly options: O
  readonly shape: PlanShape
  /** This shard's part of the scope. */
  readonly scope: Scope
  readonly arena: Arena
  /** Addresses of the planned regions; header and rows are zeroed, or hold a loaded state. */
  readonly header: number
  readonly rows: number
  readonly scratch: number
  /** The regions of the stage named in `on`: what it keeps of the same rows, up to the last full block that it took. */
  readonly upstream?: { readonly header: number; readonly rows: number }
}

export interface StageInstance {
  step(block: Block, mode: Mode): Step<Outcome>
}

export interface StageDefinition<F extends Fields = Fields> {
  readonly type: string
  /** One sentence for lists and tables. */
  readonly summary: string
  readonly options: F
  /** Ids of the alerts that it raises, `type/condition`; without it, nobody knows and none is refused. */
  readonly alerts?: readonly string[]
  /** Problems that single fields cannot show; paths are relative to the stage. */
  check?(options: Options<F>, block: number, on: string | undefined): readonly Problem[]
  /** Problems with the stage that is named in `on`. */
  checkUpstream?(options: Options<F>, upstream: Upstream): readonly Problem[]
  needs?(options: Options<F>, open: OpenFrame, member: number): Needs
  plan(shape: PlanShape, options: Options<F>): Plan
  /** Default: `never`. All that needs no more than inner products over all rows can say otherwise. */
  sketching?(options: Options<F>): Sketching
  /** With `per: "tensor"`, tensors with fewer rows share the group `small`. */
  smallest?(options: Options<F>, block: number): number
  /** Options that take about half the memory, for what is proposed when a plan does not fit; undefined at the least. */
  shrink?(options: Options<F>): OptionsInput<F> | undefined
  /** Work per parameter and recorded delta, for `lint --explain`. */
  cost?(shape: PlanShape, options: Options<F>): { readonly flops: number; readonly bytes: number }
  start(context: StageContext<Options<F>>): StageInstance
}

/** Options that every stage has beside its own. */
export interface StageCommon {
  readonly id?: string
  readonly per?: 'model' | 'tensor' | 'group'
  readonly member?: number
  readonly on?: string
  readonly select?: { readonly include?: readonly string[]; readonly exclude?: readonly string[] }
}

/** A stage as it stands in a pipeline: the component and its options, parsed when the pipeline is built. */
export interface StageValue {
  readonly definition: StageDefinition
  readonly options: { readonly [name: string]: unknown }
  /** True for one that runs unasked: it comes first and takes no number. */
  readonly implied?: boolean
}

export interface StageFactory<F extends Fields> {
  (options?: OptionsInput<F> & StageCommon): StageValue
  readonly definition: StageDefinition<F>
}

/** Makes a stage's factory out of its definition: `const svd = defineStage({ type: 'svd', ... })`. */
export function defineStage<const F extends Fields>(
  definition: StageDefinition<F>
): StageFactory<F> {
  const factory = (options: OptionsInput<F> & StageCommon = {}): StageValue => ({
    definition: definition as unknown as StageDefinition,
    options,
  })
  return Object.assign(factory, { definition })
}
