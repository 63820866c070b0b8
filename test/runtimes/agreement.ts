import type { Outcome } from '../cases/index.ts'

/** Half a unit in the last place of f32, in which columns are kept: what kernels and references may differ by. */
const rounding = 2 ** -24

/** The same of a stage whose products the kernels form in f32, and which cuts columns off that hardly differ from those kept. */
const products = 2 ** -20
const inSingle = ['cmd']

/** How right the numbers are that kernels draw for a null; the references draw them in f64. */
const drawing = 2 ** -22

/** Figures of nulls, and what exceeds them. */
const drawn = /(Null|NullError|\.excess|\.excessError)$/

/**
 * Shares of walks that are drawn by classes of rows, and by how much they may differ: a rounding that puts a row into the next class draws
 * other numbers. A tenth of what the comparison allows for such classes, .01; what must be exceeded is 3.7 times the scatter.
 */
const byClasses: Record<string, number> = {
  capturedNull: 1e-3,
  capturedNullError: 1e-3,
  capturedExcess: 4e-3,
}

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/**
 * Where the figures of the references leave those of the kernels: words, counts and indices by anything at all, figures by more
 * than an f32's rounding, those of nulls by more than what they are drawn with. What is left when nearly everything is taken
 * away, such as `orthogonality`, is held against what it was taken from.
 */
export function disagreements(kernels: Outcome, references: Outcome): string[] {
  return Object.entries(references).flatMap(([name, lines]) =>
    lines.flatMap((line, i) => {
      const expected = kernels[name]![i] ?? 'nothing'
      if (!line.startsWith('{')) return line === expected ? [] : [`${line}, expected ${expected}`]
      const [got, wanted] = [JSON.parse(line) as Json, JSON.parse(expected) as Json]
      const { type = '' } = wanted as { type?: string }
      const unit = inSingle.includes(type) ? products : rounding
      return differences(got, wanted, `${name}, line ${i + 1}`, 0, unit)
    })
  )
}

function differences(
  got: Json,
  wanted: Json,
  place: string,
  scale: number,
  unit: number
): string[] {
  if (typeof got === 'number' && typeof wanted === 'number' && !isCount(got, wanted)) {
    const limit = unit * Math.max(Math.abs(wanted), scale)
    return Math.abs(got - wanted) <= limit ? [] : [`${place}: ${got}, expected ${wanted}`]
  }
  if (!isObject(got) || !isObject(wanted) || keysOf(got) !== keysOf(wanted)) {
    return got === wanted ? [] : [`${place}: ${got}, expected ${wanted}`]
  }
  const { singularValues, tailExponentNull } = wanted as {
    singularValues?: readonly number[]
    tailExponentNull?: number
  }
  const largest = singularValues?.[0] ?? 0
  const scales: Record<string, number> = {
    orthogonality: 1,
    projectionErrorBound: 1,
    upperBounds: largest,
    estimatedErrors: largest,
    errors: largest,
    stabilityNullError: 1,
    tailExponentNullError: tailExponentNull ?? 0,
    excess: 1,
    excessError: 1,
    leftOut: 1,
    explainedError: 1,
    explainedNullError: 1,
  }
  return Object.keys(wanted).flatMap((key) => {
    const [mine, other] = [got[key]!, wanted[key]!]
    const apart = byClasses[key]
    if (apart !== undefined && typeof mine === 'number' && typeof other === 'number') {
      return Math.abs(mine - other) <= apart ? [] : [`${place}.${key}: ${mine}, expected ${other}`]
    }
    const own = drawn.test(`.${key}`) ? Math.max(unit, drawing) : unit
    return differences(mine, other, `${place}.${key}`, scales[key] ?? scale, own)
  })
}

const isCount = (got: number, wanted: number): boolean =>
  Number.isInteger(got) && Number.isInteger(wanted)

const isObject = (value: Json): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null

const keysOf = (value: object): string => Object.keys(value).join()
