import type { Found } from './judge.ts'
import type { Situation, Truth } from './situation.ts'

interface Goal {
  readonly line: string
  readonly isMet: boolean
}

/** Counts over situations: what was said of which truth, and how often it was right. */
export class Tally {
  readonly #counts = new Map<string, number>()
  readonly #said = new Set<string>()
  readonly #totals = {
    runs: 0,
    falseChaotic: 0,
    withoutChaos: 0,
    falseContracting: 0,
    shown: 0,
    found: 0,
    decidable: 0,
    insufficient: 0,
    right: 0,
    mostChanges: 0,
  }

  /** Takes a situation's instances, and returns their line. */
  add({ name, truth, right, isDecidable }: Situation, all: readonly Found[]): string {
    const totals = this.#totals
    const verdicts = new Map<string, number>()
    const among = (test: (found: Found) => boolean): number => all.filter(test).length
    for (const { verdict } of all) {
      verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1)
      this.#said.add(verdict)
      const key = `${truth} ${verdict}`
      this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1)
    }
    const isRight = among(({ verdict }) => right.includes(verdict))
    const chaotic = among(({ ever }) => ever.includes('chaotic'))
    const contracting = among(({ ever }) => ever.includes('contracting'))
    const decidable =
      truth === 'chaos'
        ? isDecidable
          ? among(({ shows }) => shows)
          : 0
        : isDecidable
          ? all.length
          : 0
    totals.runs += all.length
    totals.right += isRight
    totals.mostChanges = Math.max(totals.mostChanges, ...all.map(({ changes }) => changes))
    if (truth === 'other' || truth === 'contraction') {
      totals.withoutChaos += all.length
      totals.falseChaotic += chaotic
    }
    if (!right.includes('contracting')) totals.falseContracting += contracting
    totals.decidable += decidable
    const counts = (found: Found): boolean => isDecidable && (truth !== 'chaos' || found.shows)
    totals.insufficient += among((found) => counts(found) && found.verdict === 'insufficient')
    if (truth === 'chaos') {
      totals.shown += decidable
      totals.found += among((found) => counts(found) && found.verdict === 'chaotic')
    }
    const rates = all.flatMap(({ rate }) =>
      rate !== undefined && Number.isFinite(rate) ? [rate] : []
    )
    const rate = rates.length > 0 ? rates.reduce((a, b) => a + b, 0) / rates.length : Number.NaN
    const said = [...verdicts].sort((a, b) => b[1] - a[1]).map(([verdict, n]) => `${n} ${verdict}`)
    return [
      name.padEnd(48),
      truth.padEnd(11),
      Number.isNaN(rate) ? '        ' : rate.toFixed(4).padStart(8),
      `right ${String(isRight).padStart(2)}`,
      `ever chaotic ${String(chaotic).padStart(2)}, contracting ${String(contracting).padStart(2)}`,
      said.join(', '),
    ].join('  ')
  }

  /** The confusion table. */
  table(): string {
    const truths: readonly Truth[] = ['chaos', 'contraction', 'other', 'mixed']
    const columns = [...this.#said].sort()
    const rows = truths.map((truth) => [
      truth,
      ...columns.map((verdict) => String(this.#counts.get(`${truth} ${verdict}`) ?? 0)),
    ])
    return [['truth', ...columns], ...rows]
      .map((row) => row.map((cell) => cell.padStart(13)).join(''))
      .join('\n')
  }

  goals(): readonly Goal[] {
    const { runs, right, falseChaotic, withoutChaos, falseContracting } = this.#totals
    const { shown, found, decidable, insufficient, mostChanges } = this.#totals
    return [
      {
        line: `false chaotic, at any report: ${falseChaotic} of ${withoutChaos} runs`,
        isMet: falseChaotic === 0,
      },
      {
        line: `false contracting, at any report: ${falseContracting}`,
        isMet: falseContracting === 0,
      },
      {
        line: `chaos that shows found: ${found} of ${shown}, ${share(found, shown)}; at least 92 %, aim 95 %`,
        isMet: shown === 0 || found / shown >= 0.92,
      },
      {
        line: `insufficient where decidable: ${insufficient} of ${decidable}, ${share(insufficient, decidable)}; at most 20 %`,
        isMet: insufficient <= 0.2 * decidable,
      },
      { line: `changes of a verdict in one run: ${mostChanges} at most`, isMet: mostChanges <= 4 },
      { line: `right at the end: ${right} of ${runs}`, isMet: true },
    ]
  }
}

const share = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} %`
