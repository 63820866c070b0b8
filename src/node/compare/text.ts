import { amount, counted, grouped, percent } from '../../stage/words.ts'
import { columns, wrap } from '../text.ts'
import { type Comparison, comparisonsOf, type Refusal } from './compare.ts'
import type { JointMap } from './map.ts'
import { enoughRuns } from './testing/permutation.ts'

/** How far the control can be trusted, stated once for all pairs. */
function swapNote(level: number): string {
  const n = enoughRuns(level)
  const test =
    n === undefined
      ? ''
      : ` For a test, train each ${n} times, as with "thalweg train --replicates ${n}".`
  return `Swaps are no test of runs, and see no shift that is smaller than the spacing of eigenvalues.${test}`
}

/**
 * Comparisons as text: the verdict for each pair of groups, then a table of all figures, all runs in a plane, and the refused
 * comparisons.
 */
export function textOf(
  all: readonly (Comparison | Refusal)[],
  map: JointMap | undefined,
  level: number
): string {
  const compared = comparisonsOf(all)
  const paragraphs = [
    ...leading(compared).map((own) => sentenceOf(own, level)),
    ...caveats(compared, level).map(folded),
    ...(compared.length > 0 ? [tableOf(compared)] : []),
    ...(map ? [planeTable(map)] : []),
    ...refusals(all).map(folded),
  ]
  return `${paragraphs.join('\n\n')}\n`
}

/** Notes on the verdicts as a whole, and which comparisons were refused and why. */
export function notesOf(all: readonly (Comparison | Refusal)[], level: number): string[] {
  const compared = comparisonsOf(all)
  return [...caveats(compared, level), ...refusals(all)]
}

/** Notes on the verdicts as a whole. */
function caveats(compared: readonly Comparison[], level: number): string[] {
  const tested = leading(compared).filter(({ test, verdict }) => test && verdict !== 'undecided')
  const differ = tested.some(({ verdict }) => verdict === 'different')
  const byChance = percent(Math.min(1, tested.length * level))
  return [
    ...(compared.some(({ swaps }) => swaps) ? [swapNote(level)] : []),
    ...(differ && tested.length > 1
      ? [
          `Each of ${tested.length} pairs was tested at ${level}: by chance alone some pair differs in up to ${byChance} of such comparisons.`,
        ]
      : []),
  ]
}

/** Which comparisons were refused and why, once for each reason. */
export function refusals(all: readonly (Comparison | Refusal)[]): string[] {
  const told = new Map<string, { groups: Refusal['groups']; refused: string; figures: string[] }>()
  for (const own of all) {
    if (!('refused' in own)) continue
    const { groups, refused, figure } = own
    const key = JSON.stringify([groups, refused])
    if (!told.has(key)) told.set(key, { groups, refused, figures: [] })
    if (figure !== undefined) told.get(key)!.figures.push(figure)
  }
  return [...told.values()].map(({ groups: [a, b], refused, figures }) => {
    const by = figures.length > 0 ? ` by ${figures.join('; ')}` : ''
    return `${a} and ${b} cannot be compared${by}. ${refused}`
  })
}

/** The order in which kinds of figures are used for a verdict: eigenvalues, then maps, then figures that need common weights. */
const rankOf = ({ kind }: Comparison): number =>
  kind === 'spectrum' ? 0 : kind === 'matrix' || kind === 'parts' ? 1 : 2

/** The comparison that decides a pair's verdict, and the pair's other comparisons. */
interface Leading extends Comparison {
  readonly others: readonly Comparison[]
}

/**
 * The comparison that decides the verdict of each pair of groups: the first spectrum, else the first matrix, else the first of
 * all.
 */
export function leading(compared: readonly Comparison[]): Leading[] {
  const pairs = new Map<string, Comparison>()
  for (const own of compared) {
    const pair = JSON.stringify(own.groups)
    const best = pairs.get(pair)
    if (!best || rankOf(own) < rankOf(best)) pairs.set(pair, own)
  }
  return [...pairs.entries()].map(([pair, own]) => {
    const others = compared.filter(
      (other) => other !== own && JSON.stringify(other.groups) === pair
    )
    return { ...own, others }
  })
}

/** The verdict in a sentence, with the size of the effect, p, and its basis. */
export function sentenceOf(own: Leading, level: number): string {
  return folded(own.test ? ofGroups(own, level) : ofTwo(own))
}

function ofGroups({ groups: [a, b], runs, test, verdict, others, ...own }: Leading, level: number) {
  const { p, least, permutations, exact } = test!
  const times = ratioOf(own)
  const size = `by ${measure(own)}, runs of the one are ${amount(own.between)} from runs of the other${Number.isFinite(times) ? `, ${amount(times, 3)} times as far as runs of one group are from each other` : ''}`
  const chance = `(p = ${amount(p, 3)}, ${exact ? 'all ' : ''}${counted(permutations, 'permutation')})`
  if (verdict === 'different') return `${a} and ${b} train differently: ${size} ${chance}.`
  if (verdict === 'not shown') {
    // Among many figures some differ by chance, so p is corrected for their number.
    const apart = others.filter((own) => own.test && own.test.p * (1 + others.length) <= level)
    const but =
      apart.length > 0
        ? `By ${apart.map((own) => own.figure).join(', ')} they differ, at ${level} for all figures together.`
        : 'A small difference may go unseen.'
    return `No difference between ${a} and ${b} is shown: ${size} ${chance}. ${but}`
  }
  const n = enoughRuns(level)
  const enough = n === undefined ? '' : `; ${n} a side are enough`
  return `${a} and ${b}: ${counted(runs[0], 'run')} and ${runs[1]} are too few for a test at ${level}, whose p is at least ${amount(least, 3)}${enough}. ${upper(size)} ${chance}.`
}

function ofTwo({ groups: [a, b], between, swaps, windows, verdict, ...own }: Comparison): string {
  const beside =
    windows === undefined ? '' : `; windows of one and the same run are ${amount(windows)} apart`
  const size = `by ${measure(own)}, they are ${amount(between)} apart${beside}`
  const verdicts: Record<typeof verdict, string> = {
    different: `${a} and ${b} train differently, as far as one run each can tell: ${size}.`,
    'not shown': `No difference between ${a} and ${b} is shown: ${size}.`,
    undecided: `${a} and ${b}: ${size}. One run each is not enough to tell more.`,
  }
  const control = swaps
    ? ` Swaps of matched eigenvalues: p = ${amount(swaps.p, 3)} of all ${grouped(swaps.swaps)}.`
    : ''
  return verdicts[verdict] + control
}

/** What the distance between two groups is based on. */
const measure = ({ figure, steps }: Pick<Comparison, 'figure' | 'steps'>): string =>
  steps === undefined ? figure : `${figure} over the ${counted(steps, 'step')} that all runs have`

/** The ratio of distances between runs of different groups to those within a group. NaN if no group has two runs. */
export function ratioOf({ between, excess }: Pick<Comparison, 'between' | 'excess'>): number {
  const within = between - excess
  return within > 0 ? between / within : Number.NaN
}

function tableOf(compared: readonly Comparison[]): string {
  const cell = (value: number | undefined, digits = 4): string =>
    value !== undefined && Number.isFinite(value) ? amount(value, digits) : '–'
  return columns([
    ['figure', 'groups', 'runs', 'distance', 'within', 'ratio', 'p', 'verdict'],
    ...compared.map((own) => [
      own.figure,
      own.groups.join(' · '),
      own.runs.join(' + '),
      cell(own.between),
      own.within.map((mean) => cell(mean)).join(' · '),
      cell(ratioOf(own), 3),
      own.test ? cell(own.test.p, 3) : own.swaps ? `${cell(own.swaps.p, 3)} (swaps)` : '–',
      own.verdict,
    ]),
  ])
}

function planeTable({ figure, shown, runs }: JointMap): string {
  const cell = (value: number): string => amount(value, 3)
  const table = columns([
    ['group', 'run', 'x', 'y'],
    ...runs.map(({ group, run, x, y }) => [group, run, cell(x), cell(y)]),
  ])
  const says = `All runs in one plane by ${figure}. It shows ${percent(shown)} of what sets them apart.`
  return `${folded(says)}\n${table}`
}

const folded = (text: string): string => wrap(text, 100).join('\n')

const upper = (text: string): string => `${text[0]!.toUpperCase()}${text.slice(1)}`
