import { ThalwegError } from '../../error.ts'
import { plain, plainValue } from '../../plain.ts'
import { boolean, choice, integer, list, number, string } from '../../spec/fields.ts'
import { defineCommand } from '../cli/command.ts'
import { onInterrupt } from '../cli/stop.ts'
import { requireDistinctFiles } from '../distinct-files.ts'
import { openWriter } from '../writer.ts'
import {
  type Comparison,
  compareGroups,
  comparisonsOf,
  type Question,
  type Refusal,
} from './compare.ts'
import { groupsOf } from './groups.ts'
import { type JointMap, mapOf } from './map.ts'
import { pageOf } from './page.ts'
import { inputsOf, parseGroup } from './reading/inputs.ts'
import { readingOf } from './reading/runs.ts'
import { once } from './repeats.ts'
import { windowsBy } from './testing/windows.ts'
import { leading, ratioOf, refusals, sentenceOf, textOf } from './text.ts'

export const compare = defineCommand({
  name: 'compare',
  summary: 'Tells whether runs train alike: distances of their spectra and maps, with a test.',
  positional: {
    name: '<runs>...',
    description:
      'stored summaries, recorded streams, folders of them, and addresses of posted runs; each is a group, or each folder in the only one',
    many: true,
  },
  options: {
    group: list(string({ description: 'one group', unit: 'name=glob' }), {
      description: 'puts runs whose path or name the glob matches into a group of this name',
      default: [],
    }),
    pipeline: string({
      description: 'analyses recordings by this pipeline, and knows its components',
      unit: 'name|file',
      default: 'compare',
    }),
    plane: choice(['mu', 'ln'], {
      description:
        'compares eigenvalues as they are, or the logarithms: rates per step of the trainer',
      default: 'mu',
    }),
    weights: choice(['equal', 'energy'], {
      description: 'lets all eigenvalues count alike, or each by the energy of its mode',
      default: 'equal',
    }),
    across: boolean({
      description: 'compares runs of other networks, folds and settings, too',
      default: false,
    }),
    level: number({ description: 'p from which on groups differ', min: 0, max: 1, default: 0.05 }),
    seed: integer({ description: 'of drawn permutations', min: 0, max: 0xffffffff, default: 0 }),
    gate: boolean({
      description: 'exit code 4 when groups differ by more than the tolerance',
      default: false,
    }),
    tolerance: number({
      description:
        'how much further apart runs of two groups may be than runs of one; of single runs, how far apart',
      min: 0,
      default: 0,
    }),
    token: string({ description: 'shown to the server of posted runs' }),
    json: boolean({ description: 'print one JSON object', default: false }),
    out: string({
      description:
        'also draws the comparison, with all runs in one plane, as one HTML file; `-` for standard output, and nothing else there',
      unit: 'file',
    }),
  },
  shorthands: { letters: { o: 'out' } },
  examples: [
    'thalweg compare adam.ndjson sgd.ndjson',
    'thalweg compare http://127.0.0.1:8080/runs/adam http://127.0.0.1:8080/runs/sgd',
    'thalweg compare runs/before runs/after --gate --tolerance 0.01',
    'thalweg compare runs -o compare.html',
    'thalweg compare runs --group "small=**/h5-*" --group "large=**/h40-*" --across',
  ],
  async run(options, paths) {
    if (paths.length === 0) {
      throw new ThalwegError('E_USAGE', 'compare: nothing to compare. Give two files or folders.')
    }
    if (options.out !== undefined) {
      requireDistinctFiles([
        ...inputsOf(paths).map(({ path }) => ({ use: 'a run', path })),
        { use: 'the page', path: options.out },
      ])
    }
    const { plane, weights, across, level, seed } = options
    const question: Question = { metric: { plane, weights }, across, level, seed }
    const stop = onInterrupt()
    try {
      const reading = await readingOf(options.pipeline, options.token, stop.signal)
      const found = await groupsOf(paths, options.group.map(parseGroup), reading)
      const { groups, repeats } = once(found)
      for (const { path, of } of repeats) {
        const said = `compare: "${path}" is the same run as "${of}" to the bit, and does not count again.`
        process.stderr.write(`${plain(said)}\n`)
      }
      const windowsOf = windowsBy(reading)
      const all: (Comparison | Refusal)[] = []
      for (const [i, a] of groups.entries()) {
        for (const b of groups.slice(i + 1)) {
          all.push(...(await compareGroups(a, b, question, windowsOf)))
        }
      }
      const interrupted = stop.exitCode()
      if (interrupted !== undefined) return interrupted
      const compared = comparisonsOf(all)
      if (compared.length === 0) {
        throw new ThalwegError(
          'E_COMPARE',
          refusals(all).map((why) => `compare: ${why}`)
        )
      }
      const lead = leading(compared)
      const map = mapOf(groups, lead[0]!.figure, question)
      const told = options.json ? jsonOf(all, map, question) : linesOf(textOf(all, map, level))
      if (options.out !== '-') process.stdout.write(told)
      if (options.out !== undefined) {
        const writer = await openWriter(options.out)
        await writer.write(pageOf(all, map, level))
        await writer.close()
      }
      const isWhole = lead.length === (groups.length * (groups.length - 1)) / 2
      const fails = lead.some((own) => exceeds(own, options.tolerance))
      return options.gate && (fails || !isWhole) ? 4 : 0
    } finally {
      stop.release()
    }
  },
})

/** Whether groups differ by more than the tolerance and, if this can be tested, by more than chance. */
function exceeds({ test, verdict, excess }: Comparison, tolerance: number): boolean {
  return excess > tolerance && !(test && verdict === 'not shown')
}

function jsonOf(
  all: readonly (Comparison | Refusal)[],
  map: JointMap | undefined,
  question: Question
): string {
  const { metric, level } = question
  const compared = comparisonsOf(all)
  const found = {
    schema: 'thalweg.compare/1',
    ...metric,
    level,
    verdicts: leading(compared).map((own) => ({
      groups: own.groups,
      verdict: own.verdict,
      says: sentenceOf(own, level).replaceAll('\n', ' '),
    })),
    comparisons: compared.map((own) => ({ ...own, ratio: ratioOf(own) })),
    ...(map ? { map } : {}),
    refused: all.filter((own) => 'refused' in own),
  }
  return `${JSON.stringify(plainValue(found))}\n`
}

const linesOf = (text: string): string => text.split('\n').map(plain).join('\n')
