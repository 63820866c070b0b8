import type { Matrix } from '../../../spec/figures.ts'
import { amount, counted, grouped } from '../../../stage/words.ts'
import type { Tensor } from '../../../wire/frame.ts'
import type { Comparable, Spectrum } from '../reading/figures.ts'
import type { ComparedRun } from '../reading/runs.ts'
import type { Metric } from './distance.ts'
import { commonOf } from './matrices.ts'
import { stretchesApart } from './stretch.ts'

export interface Rules {
  readonly metric: Metric
  /** Also compares runs that differ in network, folding or settings. */
  readonly across: boolean
}

/** Why two runs cannot be compared, and what to do. Undefined if they can. */
export function runsApart(a: ComparedRun, b: ComparedRun, { across }: Rules): string | undefined {
  const unsound = a.unsound ?? b.unsound
  if (unsound !== undefined) return unsound
  const apart = across ? undefined : networksApart(a, b)
  return apart && `${apart} Their spectra and maps need no common weights: --across compares these.`
}

/** Why the networks of two runs differ. Undefined if they are the same, as far as is known. */
function networksApart(a: ComparedRun, b: ComparedRun): string | undefined {
  if (a.tensors && b.tensors) return tensorsApart(a.tensors, inOrderOf(a.tensors, b.tensors))
  if (!a.size || !b.size) return undefined
  const isSame = a.size.parameters === b.size.parameters && a.size.tensors === b.size.tensors
  const told = ({ parameters, tensors }: NonNullable<ComparedRun['size']>): string =>
    `${counted(parameters, 'weight')} in ${counted(tensors, 'tensor')}`
  return isSame ? undefined : `They are of other weights: ${told(a.size)} and ${told(b.size)}.`
}

/** Why two runs do not cover the same weights in the same order. Undefined if they do, as far as is known. */
export function weightsApart(a: ComparedRun, b: ComparedRun): string | undefined {
  const apart = networksApart(a, b)
  if (apart !== undefined || !a.tensors || !b.tensors) return apart
  const looked = ({ tensors }: ComparedRun): string =>
    tensors!.flatMap(({ name, trainable }) => (trainable === false ? [] : [name])).join()
  return looked(a) === looked(b)
    ? undefined
    : 'Other tensors of them are trained, or the same in another order, so their modes have no weights in common.'
}

/** The tensors of b in the order of a. */
function inOrderOf(a: readonly Tensor[], b: readonly Tensor[]): readonly Tensor[] {
  const places = new Map(a.map(({ name }, i) => [name, i]))
  const placeOf = ({ name }: Tensor): number => places.get(name) ?? a.length
  return b.toSorted((x, y) => placeOf(x) - placeOf(y))
}

function tensorsApart(a: readonly Tensor[], b: readonly Tensor[]): string | undefined {
  const shaped = ({ name, shape }: Tensor): string => `"${name}" [${shape.join(', ')}]`
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const [own, other] = [a[i], b[i]]
    if (!own || !other) return `They have ${a.length} and ${counted(b.length, 'tensor')}.`
    const folds = foldsApart(own, other)
    if (folds !== undefined) return folds
    if (shaped(own) !== shaped(other)) {
      return `They have other tensors: ${shaped(own)} and ${shaped(other)}.`
    }
  }
  return undefined
}

/** Why the rows of two tensors do not stand for the same weights. Undefined if neither is folded, or both are folded alike. */
function foldsApart(a: Tensor, b: Tensor): string | undefined {
  if (JSON.stringify(a.fold) === JSON.stringify(b.fold) && (!a.fold || a.elements === b.elements)) {
    return undefined
  }
  const told = ({ name, elements, fold }: Tensor): string =>
    fold
      ? `${counted(fold.elements, 'weight')} to ${grouped(elements)} rows of "${name}" by seed ${fold.seed}`
      : `"${name}" whole`
  return `They are folded in other ways: ${told(a)}, and ${told(b)}. Record both with the same fold and seed.`
}

/** Why two runs cannot be compared by a figure. Undefined if they can. */
export function figuresApart(a: Comparable, b: Comparable, rules: Rules): string | undefined {
  const stretches = rules.across ? undefined : stretchesApart(a, b)
  if (stretches !== undefined) return `${stretches} --across compares them nevertheless.`
  if (a.kind === 'spectrum' && b.kind === 'spectrum') return spectraApart(a.value, b.value, rules)
  if (a.kind === 'modes' && b.kind === 'modes') {
    return slotsApart(a.value, b.value) ?? spectraApart(a.value, b.value, rules)
  }
  if (a.kind === 'span' && b.kind === 'span') return slotsApart(a.value, b.value)
  if (a.kind === 'matrix' && b.kind === 'matrix') return matricesApart(a.value, b.value)
  if (a.kind === 'parts' && b.kind === 'parts') {
    const common = commonOf(a.value, b.value).rows.length
    const isSame = common === a.value.rows.length && common === b.value.rows.length
    return isSame ? undefined : 'Their rows are others, such as other tensors.'
  }
  return 'They are of different kinds.'
}

function slotsApart({ shapes: a }: Spectrum, { shapes: b }: Spectrum): string | undefined {
  const [own, other] = [a!.rows.length, b!.rows.length]
  return own === other
    ? undefined
    : `Their modes are in ${own} and ${other} slots. Analyse both with the same number.`
}

function spectraApart(a: Spectrum, b: Spectrum, { metric, across }: Rules): string | undefined {
  if (a.spacing !== b.spacing && metric.plane === 'mu') {
    return `Their steps were recorded every ${amount(a.spacing)} and every ${amount(b.spacing)}, so eigenvalues stand for other stretches of time. --plane ln compares rates per step of the trainer.`
  }
  if (metric.weights === 'energy' && !(a.energies && b.energies)) {
    return 'The energies of the modes are not known. --weights equal needs none.'
  }
  if (across) return undefined
  for (const [title, own] of a.alike) {
    const other = b.alike.get(title)
    if (own !== other) {
      return `"${title}" is ${String(own)} and ${String(other)}: the settings decide the eigenvalues, too. --across compares them nevertheless.`
    }
  }
  return undefined
}

/** How many rows and columns two matrices must have in common if they do not have the same ones. */
const leastCommon = 4

function matricesApart(a: Matrix, b: Matrix): string | undefined {
  const { rows, columns } = commonOf(a, b)
  const isEnough = (common: number, own: number, other: number): boolean =>
    common >= leastCommon || common === Math.max(own, other)
  // A single value, such as a checkpoint's cosine with itself, says nothing.
  if (
    rows.length * columns.length > 1 &&
    isEnough(rows.length, a.rows.length, b.rows.length) &&
    isEnough(columns.length, a.columns.length, b.columns.length)
  ) {
    return undefined
  }
  return `Of their rows, ${a.rows.length} and ${b.rows.length}, ${rows.length} are the same, and of their columns, ${a.columns.length} and ${b.columns.length}, ${columns.length}: at least ${leastCommon} must be, or all of several. Record the same tensors at the same steps, and for longer.`
}
