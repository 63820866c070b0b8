import type { Arena } from '../kernels/arena.ts'
import type { Fields, Options, OptionsInput } from '../spec/fields.ts'
import type { Figures, FigureValues, Linked } from '../spec/figures.ts'
import type { Problem } from '../spec/problem.ts'
import type { OpenFrame, Tensor } from '../wire/frame.ts'
import type { Block } from './block.ts'
import type { StepStatistics } from './null/statistics.ts'
import type { FactsOf, HandlesOf, NoPorts, Ports, SourcesOf } from './ports/port.ts'
import type { Step } from './protocol.ts'
import type { Scope, ScopeShape } from './scope.ts'

export type Level = 'info' | 'warn' | 'error'

/** An alert that a stage can raise, under the id `<stage type>/<condition>`. */
export interface AlertSpec {
  readonly level: Level
  /** One sentence: what has happened. */
  readonly means: string
}

export type Alerts = { readonly [condition: string]: AlertSpec }

// biome-ignore lint/complexity/noBannedTypes: it has no keys
type NoAlerts = {}

/** A sentence about a stage's figures, for a reader who does not know the method. */
export interface Sentence<Name extends string = string> {
  /** `warn`: somebody should look at it. `error`: it ended something. */
  readonly level: Level
  readonly text: string
  /** The figure that it is about. */
  readonly figure?: Name
}

/** What a summary's type says about it: the part of a stage's definition that every sink reads. */
export interface SummarySpec<F extends Figures = Figures> {
  readonly type: string
  /** One sentence for lists and tables. */
  readonly summary: string
  /** The question that it answers. */
  readonly asks: string
  /** The figures of a summary, the most important first. */
  readonly figures: F
  /**
   * One or two plain sentences on what the values show, no stronger than the figures allow.
   *
   * @param values may come from a file; unknown values are NaN or null there too
   */
  says(values: FigureValues<F>): readonly Sentence<keyof F & string>[]
}

/** What a stage needs from the engine in addition to its own memory. */
export interface Needs {
  /** Members whose columns it reads; default: the stage's own `member`. */
  readonly members?: readonly number[]
  /** Whether it needs separations w_m - w_0, in f64, of all members that it reads. */
  readonly separations?: boolean
  /** Whether the stage is also run on the null of its member's steps. */
  readonly null?: boolean
  /** Whether it draws its own walks, from measurements of its member's steps (`null/walks.ts`). */
  readonly statistics?: boolean
  /** How many of its member's tangent vectors it reads. */
  readonly tangents?: number
  /** Whether columns must be f64. */
  readonly double?: boolean
  /** Whether it needs the weights themselves. If so, a run without an anchor is refused at its first block. */
  readonly weights?: boolean
}

/**
 * Whether a stage works on rows that are signed sums of weights (`engine/planning/fold.ts`): never; only if the stream has such
 * rows (`accepts`); also if the weights do not fit the memory; or always.
 */
export type Sketching = 'never' | 'accepts' | 'when-too-large' | 'always'

/** Floating-point operations, and bytes read and written. */
export interface Work {
  readonly flops: number
  readonly bytes: number
}

export interface PlanShape<R extends Ports = NoPorts> {
  readonly open: OpenFrame
  readonly scope: ScopeShape
  readonly member: number
  /** Columns in a full block. */
  readonly block: number
  /** Bytes of a column's element: 4, or 8 where columns are f64. */
  readonly elementBytes: 4 | 8
  /** True for the null's walk. Only those of its values are used that some figure names as its null. */
  readonly isNull: boolean
  /** Facts of the ports that the stages named in `on` offer, and the stage that offers each. */
  readonly facts: Partial<FactsOf<R>>
  readonly sources: SourcesOf<R>
  /** The ports of this stage that later ones read. */
  readonly read: readonly string[]
}

/** Bytes that a stage needs for one scope. */
export interface Plan {
  /** Small state, the same on every shard: everything per scope, not per row, that outlives a step. */
  readonly header: number
  /** State per tile of rows. */
  readonly perTile: number
  /** Shared by all stages. Its contents are lost after each step. */
  readonly scratch: number
}

export interface StageContext<O, R extends Ports = NoPorts> {
  readonly options: O
  readonly shape: PlanShape<R>
  /** This shard's part of the scope. */
  readonly scope: Scope
  readonly arena: Arena
  /** Addresses of the planned regions. Header and rows are zeroed, or hold a loaded state. */
  readonly header: number
  readonly rows: number
  readonly scratch: number
  /** What the stages named in `on` offer for the same rows. Those stages step before this one. */
  readonly ports: Partial<HandlesOf<R>>
}

/** A place in a block at which a stage looks at the weights. */
export interface LookAt {
  /** The column after which it looks; -1 is before the first one. */
  readonly column: number
  readonly step: number
}

export interface Mode<F extends Figures> {
  /** False in a peek: then the stage must not change rows or columns. The engine restores the header. */
  readonly commit: boolean
  /** Whether the outcome must contain `values`. */
  readonly report: boolean
  /** For a stage on whole tensors: where in the block it looks at the weights, in order. */
  readonly looks: readonly LookAt[]
  /** The values of the same stage for the null's block, if the stage asked for a null. */
  readonly null?: FigureValues<F>
  /** Measurements of its member's block, if the stage asked for them. */
  readonly statistics?: StepStatistics
}

export interface Outcome<F extends Figures, A extends string = never> {
  /** Given if `mode.report` is true. */
  readonly values?: FigureValues<F>
  readonly alerts?: readonly { readonly condition: A; readonly message: string }[]
}

/** A stage at work on one scope of one shard. What it offers to other stages is valid until its next step. */
export type StageInstance<
  F extends Figures,
  P extends Ports = NoPorts,
  A extends string = never,
> = {
  step(block: Block, mode: Mode<F>): Step<Outcome<F, A>>
} & ([keyof P] extends [never] ? unknown : { readonly ports: HandlesOf<P> })

/** What a check of options may depend on: the pipeline's block, and the offers of the stages named in `on`. */
export interface CheckContext<R extends Ports = NoPorts> {
  readonly block: number
  readonly facts: Partial<FactsOf<R>>
  readonly sources: SourcesOf<R>
}

export interface StageDefinition<
  O extends Fields = Fields,
  F extends Figures = Figures,
  P extends Ports = Ports,
  R extends Ports = Ports,
  A extends Alerts = Alerts,
> extends SummarySpec<F> {
  readonly options: O
  readonly alerts?: A
  /**
   * How rows are divided among shards. `rows` (default): a shard may have any tiles of a scope. `tensor`: each tensor is a scope of
   * its own, and one shard has all of it; `fromOwner` in `own.ts` sends its results to the other shards. `tensors`: a scope may
   * have several tensors, each of them whole on one shard.
   */
  readonly placement?: 'rows' | 'tensor' | 'tensors'
  /** Scopes of the stage if a pipeline does not set them; default: `model`, or `tensor` for a stage on whole tensors. */
  readonly per?: NonNullable<StageCommon['per']>
  /** Whether it can look at a selected tensor. Others are left out; default: it can look at all tensors. */
  takes?(tensor: Tensor, per: NonNullable<StageCommon['per']>): boolean
  /** True for a stage that runs in every pipeline, before all others. Its summaries also carry the engine's own alerts. */
  readonly always?: true
  /** What it offers to later stages, and the facts that are known before the run. */
  readonly ports?: P
  offers?(options: Options<O>, block: number): FactsOf<P>
  /** The ports that it can read from stages named in `on`, and those that it must have. */
  readonly reads?: R
  requires?(options: Options<O>): readonly (keyof R & string)[]
  /** Problems that no single field shows by itself. Paths are relative to the stage. */
  check?(options: Options<O>, context: CheckContext<R>): readonly Problem[]
  needs?(options: Options<O>, open: OpenFrame, member: number): Needs
  plan(shape: PlanShape<R>, options: Options<O>): Plan
  /** Default: `never`. A stage that needs only inner products over all rows may say otherwise. */
  sketching?(options: Options<O>): Sketching
  /** With `per: "tensor"`, tensors with fewer rows share the group `small`. */
  smallest?(options: Options<O>, block: number): number
  /** Options that take about half the memory, to be proposed if a plan does not fit; undefined if there are none. */
  shrink?(options: Options<O>): OptionsInput<O> | undefined
  /** Work per parameter and recorded delta, for `lint --explain`. */
  cost?(shape: PlanShape<R>, options: Options<O>): Work
  /** Additional work of one look at a scope. */
  costOfLook?(shape: PlanShape<R>, options: Options<O>): Work
  /** The faults that slot 0 of its sums counts, such as `correlations above 1`. None is ever expected. */
  readonly faults?: string
  start(context: StageContext<Options<O>, R>): StageInstance<F, P, keyof A & string>
}

/** Options that every stage has in addition to its own. */
export interface StageCommon {
  readonly id?: string
  readonly per?: 'model' | 'tensor' | 'group'
  readonly member?: number
  readonly on?: string | readonly string[]
  readonly select?: { readonly include?: readonly string[]; readonly exclude?: readonly string[] }
  /** For a stage on whole tensors. */
  readonly look?: { readonly every?: number; readonly of?: 'steps' | 'epochs' | 'anchors' }
}

/** A stage as its user writes it: the component and its options, not parsed yet. */
export interface StageValue {
  readonly definition: StageDefinition
  readonly options: { readonly [name: string]: unknown }
}

export interface StageFactory<O extends Fields, D = StageDefinition<O>> {
  (options?: OptionsInput<O> & StageCommon): StageValue
  readonly kind: 'stage'
  readonly definition: D
}

/**
 * Makes the factory of a stage from its definition.
 *
 * @example
 * ```ts
 * export const drift = defineStage({ type: 'drift', summary: '...', asks: '...', options: {}, figures: {}, ... })
 * frames.pipe(analyse(drift()))
 * ```
 */
export function defineStage<
  const O extends Fields,
  const F extends Figures,
  P extends Ports = NoPorts,
  R extends Ports = NoPorts,
  const A extends Alerts = NoAlerts,
>(
  definition: StageDefinition<O, F, P, R, A> & { readonly figures: Linked<F> }
): StageFactory<O, StageDefinition<O, F, P, R, A>> {
  const factory = (options: OptionsInput<O> & StageCommon = {}): StageValue => ({
    definition: definition as unknown as StageDefinition,
    options,
  })
  return Object.assign(factory, {
    kind: 'stage' as const,
    definition: definition as unknown as StageDefinition<O, F, P, R, A>,
  })
}

/** A stage's mode, outcome and instance if its figures are known only at run time. */
export type AnyMode = Mode<Figures>
export type AnyOutcome = Outcome<Figures, string>
export type AnyInstance = StageInstance<Figures, Ports, string>
