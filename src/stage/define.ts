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

/** What a stage says of its figures to somebody who has never heard of the method. */
export interface Sentence<Name extends string = string> {
  /** `warn` for what somebody should look at, `error` for what ended something. */
  readonly level: Level
  readonly text: string
  /** The figure that it is about. */
  readonly figure?: Name
}

/** What is told of a summary by its type: the part of a stage's definition that every sink reads. */
export interface SummarySpec<F extends Figures = Figures> {
  readonly type: string
  /** One sentence for lists and tables. */
  readonly summary: string
  /** The question that it answers. */
  readonly asks: string
  /** What comes out, in the order of its importance. */
  readonly figures: F
  /**
   * One or two plain sentences on what the values show, hedged as the figures are.
   *
   * @param values may come from a file: what is not known is NaN or null there, too
   */
  says(values: FigureValues<F>): readonly Sentence<keyof F & string>[]
}

/** What a stage asks of the engine beside its own memory. */
export interface Needs {
  /** Members whose columns it reads; default: the stage's own `member`. */
  readonly members?: readonly number[]
  /** Separations w_m - w_0 in f64 of all members that are read. */
  readonly separations?: boolean
  /** Whether the stage is also run on the null of its member's steps. */
  readonly null?: boolean
  /** Whether it draws walks of its own, out of what is measured of its member's steps (`null/walks.ts`). */
  readonly statistics?: boolean
  /** How many of its member's tangent vectors it reads. */
  readonly tangents?: number
  /** Whether columns must be f64. */
  readonly double?: boolean
  /** Whether it needs the weights themselves: a run without an anchor is refused with its first block. */
  readonly weights?: boolean
}

/**
 * Whether a stage takes rows that are signed sums of weights (`engine/planning/fold.ts`): never; where the run is made of
 * them; in place of weights where these do not fit the memory; always.
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
  /** True of the null's walk, of whose values only those are read that are the null of another. */
  readonly isNull: boolean
  /** Facts of the ports that the stages named in `on` offer, and who offers each. */
  readonly facts: Partial<FactsOf<R>>
  readonly sources: SourcesOf<R>
  /** The ports of this stage that later ones read. */
  readonly read: readonly string[]
}

/** Bytes a stage takes for one scope. */
export interface Plan {
  /** Small state, the same on every shard: everything that outlives a step and is not per row. */
  readonly header: number
  /** State per tile of rows. */
  readonly perTile: number
  /** Shared by all stages, lost after each step. */
  readonly scratch: number
}

export interface StageContext<O, R extends Ports = NoPorts> {
  readonly options: O
  readonly shape: PlanShape<R>
  /** This shard's part of the scope. */
  readonly scope: Scope
  readonly arena: Arena
  /** Addresses of the planned regions; header and rows are zeroed, or hold a loaded state. */
  readonly header: number
  readonly rows: number
  readonly scratch: number
  /** What the stages named in `on` offer of the same rows; they step before this one. */
  readonly ports: Partial<HandlesOf<R>>
}

/** A place in a block at which a stage looks at the weights. */
export interface LookAt {
  /** The column after which it looks; -1 is before the first one. */
  readonly column: number
  readonly step: number
}

export interface Mode<F extends Figures> {
  /** False in a peek: rows and columns must be left as they are (the header is put back by the engine). */
  readonly commit: boolean
  /** Whether the outcome's `values` are wanted. */
  readonly report: boolean
  /** Of a stage on whole tensors: where in the block it looks at the weights, in order. */
  readonly looks: readonly LookAt[]
  /** What the same stage made of the null's block, where the stage asked for a null. */
  readonly null?: FigureValues<F>
  /** What was measured of its member's block, where the stage asked for it. */
  readonly statistics?: StepStatistics
}

export interface Outcome<F extends Figures, A extends string = never> {
  /** Given where `mode.report` asks for them. */
  readonly values?: FigureValues<F>
  readonly alerts?: readonly { readonly condition: A; readonly message: string }[]
}

/** A stage at work on one scope of one shard. What it offers to others holds until its next step. */
export type StageInstance<
  F extends Figures,
  P extends Ports = NoPorts,
  A extends string = never,
> = {
  step(block: Block, mode: Mode<F>): Step<Outcome<F, A>>
} & ([keyof P] extends [never] ? unknown : { readonly ports: HandlesOf<P> })

/** What options are checked beside: the pipeline's block, and what the stages named in `on` offer. */
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
   * Who has which rows. `rows` (default): a shard has any tiles of a scope. `tensor`: each tensor is a scope of its own,
   * and one shard has all of it, the others nothing (`fromOwner` in `own.ts` tells them). `tensors`: a scope may hold
   * several, each of them whole on one shard.
   */
  readonly placement?: 'rows' | 'tensor' | 'tensors'
  /** Its scopes where a pipeline does not say; default: `model`, or `tensor` with whole tensors. */
  readonly per?: NonNullable<StageCommon['per']>
  /** Which of the selected tensors it can look at, the others are left out; default: all. */
  takes?(tensor: Tensor, per: NonNullable<StageCommon['per']>): boolean
  /** True for a stage that runs unasked, before all others; its summaries bring the engine's own alerts along. */
  readonly always?: true
  /** What it hands to later stages, and the facts of it that are known beforehand. */
  readonly ports?: P
  offers?(options: Options<O>, block: number): FactsOf<P>
  /** What it can read of stages that are named in `on`, and what of that it cannot do without. */
  readonly reads?: R
  requires?(options: Options<O>): readonly (keyof R & string)[]
  /** Problems that single fields cannot show; paths are relative to the stage. */
  check?(options: Options<O>, context: CheckContext<R>): readonly Problem[]
  needs?(options: Options<O>, open: OpenFrame, member: number): Needs
  plan(shape: PlanShape<R>, options: Options<O>): Plan
  /** Default: `never`. All that needs no more than inner products over all rows can say otherwise. */
  sketching?(options: Options<O>): Sketching
  /** With `per: "tensor"`, tensors with fewer rows share the group `small`. */
  smallest?(options: Options<O>, block: number): number
  /** Options that take about half the memory, for what is proposed when a plan does not fit; undefined at the least. */
  shrink?(options: Options<O>): OptionsInput<O> | undefined
  /** Work per parameter and recorded delta, for `lint --explain`. */
  cost?(shape: PlanShape<R>, options: Options<O>): Work
  /** Work of one look at a scope, beside that. */
  costOfLook?(shape: PlanShape<R>, options: Options<O>): Work
  /** What slot 0 of its sums counts, such as `correlations above 1`; none of them is ever expected. */
  readonly faults?: string
  start(context: StageContext<Options<O>, R>): StageInstance<F, P, keyof A & string>
}

/** Options that every stage has beside its own. */
export interface StageCommon {
  readonly id?: string
  readonly per?: 'model' | 'tensor' | 'group'
  readonly member?: number
  readonly on?: string | readonly string[]
  readonly select?: { readonly include?: readonly string[]; readonly exclude?: readonly string[] }
  /** Of a stage on whole tensors. */
  readonly look?: { readonly every?: number; readonly of?: 'steps' | 'epochs' | 'anchors' }
}

/** A stage as somebody writes it down: the component and its options, not parsed yet. */
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
 * Makes a stage's factory out of its definition.
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

/** A stage's mode, outcome and instance where its figures are known only at run time. */
export type AnyMode = Mode<Figures>
export type AnyOutcome = Outcome<Figures, string>
export type AnyInstance = StageInstance<Figures, Ports, string>
