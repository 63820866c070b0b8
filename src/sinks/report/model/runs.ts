import type { Summary } from '../../../engine/summary.ts'
import type { ListedRun, Picture, RunPicture } from './picture.ts'

/** How many runs are drawn at most, and how many more are listed. */
const most = { drawn: 24, listed: 1000 }

/**
 * Finds the run of a summary if it is drawn: the last run of this name, or a new one if that has ended. A new run is always
 * drawn. To make room, the oldest run that has ended, or else the one without news for longest, moves to the list.
 */
export function runOf(picture: Picture, summary: Summary, origin: string): RunPicture | undefined {
  const { run, step } = summary
  const isIt = (one: ListedRun) => one.run === run && one.origin === origin && one.end === undefined
  const drawn = picture.runs.findLast(isIt)
  if (drawn) {
    drawn.heard = ++picture.heard
    return drawn
  }
  const listed = picture.listed.findLast(isIt)
  if (listed) {
    listed.step = Math.max(listed.step, step)
    if (summary.type === 'run') listed.end = summary.values.end
    return undefined
  }
  if (picture.runs.length === most.drawn) makeRoom(picture)
  const created: RunPicture = {
    run,
    origin,
    number: ++picture.came,
    heard: ++picture.heard,
    from: Number.MAX_SAFE_INTEGER,
    step: 0,
    sections: [],
    metrics: [],
    alerts: [],
  }
  picture.runs.push(created)
  return created
}

function makeRoom(picture: Picture): void {
  const { runs, listed } = picture
  const oldest = runs.find(({ end }) => end) ?? runs.reduce((a, b) => (b.heard < a.heard ? b : a))
  const [{ run, origin, number, step, end }] = runs.splice(runs.indexOf(oldest), 1) as [RunPicture]
  listed.push({ run, origin, number, step, end: end?.values.end })
  if (listed.length > most.listed) listed.shift()
}
