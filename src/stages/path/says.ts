import { amount, percent, type Sentence } from '../../stage/index.ts'
import { leastKept, type PathValues } from './report.ts'
import { pathFigures } from './spec.ts'

type Said = Sentence<keyof typeof pathFigures>

export function says(values: PathValues): Said[] {
  const { verdict, pathRatio, pathRatioNull, kept } = values
  if (verdict === 'insufficient') {
    const text =
      kept < leastKept
        ? 'There are too few checkpoints so far to judge the shape of the path.'
        : 'The weights are the same at all checkpoints, or there is no random walk to compare the path with.'
    return [{ level: 'info', text, figure: 'verdict' }]
  }
  const words = pathFigures.verdict.words[verdict].replace(/\.$/, '')
  const text = Number.isFinite(pathRatio)
    ? `${words}; over ${kept} checkpoints it is ${amount(pathRatio, 3)} times as long as the distance between its ends; a random walk is ${amount(pathRatioNull, 3)} times as long.`
    : 'The path ends exactly where it began.'
  return [{ level: 'info', text, figure: 'verdict' }, ...likeWalk(values)]
}

/** From this share on, pictures of the principal components show only time. */
const looksLikeTime = 0.8

function likeWalk({ lissajous, lissajousNull, explained, explainedNull }: PathValues): Said[] {
  if (!(lissajous > looksLikeTime)) return []
  const [own, walk] = [explained?.[0] ?? Number.NaN, explainedNull?.[0] ?? Number.NaN]
  return [
    {
      level: 'warn',
      text: `Cosines of time explain ${percent(lissajous)} of the first principal components (of a random walk's ${percent(lissajousNull)}), so their plane shows a Lissajous figure and not the loss. The first holds ${percent(own)} of the variance, a random walk's ${percent(walk)}.`,
      figure: 'lissajous',
    },
  ]
}
