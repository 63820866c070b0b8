import type { Matrix } from '../../spec/figures.ts'
import { amount, counted, grouped } from '../../stage/words.ts'
import type { Tensor } from '../../wire/frame.ts'
import type { Metric } from './distance.ts'
import type { Comparable, Spectrum } from './figures.ts'
import { commonOf } from './matrices.ts'
import type { ComparedRun } from './runs.ts'
import { stretchesApart } from './stretch.ts'

export interface Rules {
  readonly metric: Metric
  /** Compares runs of other networks, folds and settings, too. */
  readonly across: boolean
}

/** Why two runs cannot be compared, and what can be done; undefined where they can. */
export function runsApart(a: ComparedRun, b: ComparedRun, { across }: Rules): string | undefined {
  const unsound = a.unsound ?? b.unsound
  if (unsound !== undefined) return unsound
  const apart = across ? undefined : networksApart(a, b)
  return apart && `${apart} Their spectra and maps need no common weights: --across compares these.`
}

/** Why the weights of two runs are not the same ones; undefined where they are, as far as that is known. */
export function networksApart(a: ComparedRun, b: ComparedRun): string | undefined {
  if (a.tensors && b.tensors) return tensorsApart(a.tensors, b.tensors)
  if (!a.size || !b.size) return undefined
  const isSame = a.size.parameters === b.size.parameters && a.size.tensors === b.size.tensors
  const told = ({ parameters, tensors }: NonNullable<ComparedRun['size']>): string =>
    `${counted(parameters, 'weight')} in ${counted(tensors, 'tensor')}`
  return isSame ? undefined : `They are of other networks: ${told(a.size)} and ${told(b.size)}.`
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

/** Why two tensors' rows do not stand for the same weights; undefined where neither is folded, or both are alike. */
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

/** Why a figure of two runs cannot be compared; undefined where it can. */
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
    const isSame = JSON.stringify(a.value.rows) === JSON.stringify(b.value.rows)
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

/** Fewest rows and columns that two matrices must have in common, where they are not the same. */
const leastCommon = 4

function matricesApart(a: Matrix, b: Matrix): string | undefined {
  const { rows, columns } = commonOf(a, b)
  const isSame = rows.length === Math.max(a.rows.length, b.rows.length)
  const least = isSame ? 1 : leastCommon
  if (rows.length >= least && columns.length >= least) return undefined
  return `Of their rows, ${a.rows.length} and ${b.rows.length}, ${rows.length} are the same, and of their columns ${columns.length}: at least ${leastCommon} must be. Record both at the same steps, or for as long.`
}
