import type { AnalysedBlock, Summary, SummarySpecs } from '../../../engine/summary.ts'
import { plainValue } from '../../../plain.ts'
import { known } from '../../../spec/values.ts'
import { addHeard, newPicture } from './add.ts'
import type { Heard, Picture, Told } from './picture.ts'

/** Converts summaries to what a page receives. It adds the sentences of the stages, which the page cannot make itself. */
export class Listener {
  readonly picture: Picture = newPicture()
  /** Types of summaries that are not known. */
  readonly unknown = new Set<string>()
  readonly #specs: SummarySpecs

  constructor(specs: SummarySpecs) {
    this.#specs = specs
  }

  /** Takes a block: its summaries, and the alerts that were raised before them. */
  hearBlock(
    { summaries, standing }: Pick<AnalysedBlock, 'summaries' | 'standing'>,
    origin = ''
  ): Heard[] {
    return summaries.map((summary, i) => this.hear(summary, origin, i === 0 ? standing : undefined))
  }

  /** @param origin where the summary was read; runs of the same name from other places are separate */
  hear(summary: Summary, origin = '', standing?: AnalysedBlock['standing']): Heard {
    const before = standing && { standing: plainValue(standing) }
    const heard = { ...this.#heard(jsonOf(summary)), origin, ...before }
    const told = this.#told(summary.type)
    if (told) this.picture.told[told.type] = told
    else this.unknown.add(summary.type)
    addHeard(this.picture, heard)
    return heard
  }

  #heard(summary: Summary): Omit<Heard, 'origin'> {
    const spec = this.#specs.get(summary.type)
    const said = spec?.says(known(spec.figures, summary.values)) ?? []
    return { summary, said: plainValue(said) }
  }

  #told(type: string): Told | undefined {
    const spec = this.#specs.get(type)
    if (!spec) return undefined
    const { summary, asks, figures } = spec
    return { type, summary, asks, figures }
  }
}

/** A summary as in its JSON line: non-finite numbers are null, and texts have no control characters. */
function jsonOf(summary: Summary): Summary {
  const text = JSON.stringify(summary, (_key, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? null : value
  )
  return plainValue(JSON.parse(text) as Summary)
}
