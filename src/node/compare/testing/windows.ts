import type { WindowsOf } from '../compare.ts'
import type { Comparable } from '../reading/figures.ts'
import { type ComparedRun, halvesOf, type Reading } from '../reading/runs.ts'

/**
 * Finds windows of a single run: summaries that have no step in common, if a stage works on windows. Otherwise, for a recording,
 * both halves, which are analysed for this purpose.
 */
export function windowsBy(reading: Reading): WindowsOf {
  const halves = new Map<ComparedRun, ComparedRun[]>()
  return async (run, figure) => {
    const stored = apart(run.figures.get(figure) ?? [])
    if (stored.length > 1) return stored
    if (!halves.has(run)) halves.set(run, await halvesOf(run, reading))
    return halves.get(run)!.flatMap(({ figures }) => figures.get(figure)?.at(-1) ?? [])
  }
}

/** The last spectrum, and those earlier ones whose windows end before the next one's begins, in order. */
function apart(spectra: readonly Comparable[]): Comparable[] {
  const kept: Comparable[] = []
  let before = Infinity
  for (const spectrum of spectra.toReversed()) {
    const window = spectrum.kind === 'spectrum' ? spectrum.value.window : null
    if (!window || window[1] >= before) continue
    kept.unshift(spectrum)
    before = window[0]
  }
  return kept
}
