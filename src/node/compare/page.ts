import { plainValue } from '../../plain.ts'
import { htmlOf } from '../../sinks/report/html.ts'
import { newPicture } from '../../sinks/report/model/add.ts'
import type { Compared } from '../../sinks/report/model/compared.ts'
import { matrix, scalar, table, text, verdict } from '../../spec/figures.ts'
import { type Comparison, comparisonsOf, type Refusal } from './compare.ts'
import type { JointMap } from './map.ts'
import { leading, notesOf, ratioOf, sentenceOf } from './text.ts'

const comparisons = table({
  title: 'Figure by figure',
  means: 'A figure of the runs of one group beside that of the other.',
  misleads:
    'Many figures of the same runs are compared: one p below 0.05 among them is no surprise. The sentence above is by one of them.',
  columns: {
    figure: text({ title: 'figure', means: 'Compared by this.' }),
    groups: text({ title: 'groups', means: 'The two groups.' }),
    runs: text({ title: 'runs', means: 'Runs of each.' }),
    between: scalar({ title: 'distance', means: 'Mean distance of runs of the one to the other.' }),
    within: text({ title: 'within', means: 'Mean distance of runs of one group, for each.' }),
    ratio: scalar({ title: 'ratio', means: 'Distance over the mean distance within groups.' }),
    p: scalar({ title: 'p', means: 'How often chance alone puts them as far apart.' }),
    by: text({
      title: 'p by',
      means: 'Permutations of runs; of two single runs, swaps of eigenvalues.',
    }),
    verdict: verdict({
      title: 'verdict',
      means: 'Whether the groups differ.',
      words: {
        different: 'They train differently.',
        'not shown': 'No difference is shown.',
        undecided: 'Too few runs to tell.',
      },
    }),
  },
})

const distances = matrix({
  title: 'Run by run',
  means: 'How far each run is from each other run.',
  misleads: 'A distance alone is no difference: runs of one group are apart, too.',
  rows: 'run',
  columns: 'run',
})

/** A comparison as one HTML file. */
export function pageOf(
  all: readonly (Comparison | Refusal)[],
  map: JointMap | undefined,
  level: number
): string {
  const compared = comparisonsOf(all)
  const found: Compared = {
    groups: [...new Set(all.flatMap(({ groups }) => groups))],
    verdicts: leading(compared).map((own) => ({
      text: sentenceOf(own, level).replaceAll('\n', ' '),
      differ: own.verdict === 'different',
    })),
    notes: notesOf(all, level).map((note) => note.replaceAll('\n', ' ')),
    comparisons: { figure: comparisons, value: compared.map(rowOf) },
    ...(map ? { map, distances: { figure: distances, value: matrixOf(map) } } : {}),
  }
  return htmlOf({ ...newPicture(), compared: plainValue(found) })
}

function rowOf(own: Comparison) {
  const { figure, groups, runs, between, within, test, swaps } = own
  return {
    figure,
    groups: groups.join(' · '),
    runs: runs.join(' + '),
    between,
    within: within.map((mean) => (Number.isFinite(mean) ? mean.toPrecision(4) : '–')).join(' · '),
    ratio: ratioOf(own),
    p: test?.p ?? swaps?.p ?? null,
    by: test ? 'permutations' : swaps ? 'swaps' : null,
    verdict: own.verdict,
  }
}

function matrixOf({ runs, distances }: JointMap) {
  const names = runs.map(({ group, run }) => (group === run ? run : `${group}: ${run}`))
  return { rows: names, columns: names, values: distances }
}
