import { firstApart, type Group, type Question } from './compare.ts'
import { distancesOf } from './measuring/distance.ts'
import { figuresApart, runsApart } from './measuring/pairs.ts'
import { alongside } from './measuring/stretch.ts'
import { planeOf } from './plane.ts'

/** All runs of all groups in one plane, based on one figure. */
export interface JointMap {
  readonly figure: string
  /** The share of the differences between the runs that the plane shows. */
  readonly shown: number
  readonly runs: readonly {
    readonly group: string
    /** Its name, or the path of its file where runs of its group have the same name. */
    readonly run: string
    readonly x: number
    readonly y: number
  }[]
  /** Distances between all runs, in the order of `runs`. */
  readonly distances: readonly (readonly number[])[]
}

/** The joint map based on a figure. Undefined if two of the runs cannot be compared by it, or there are fewer than three runs. */
export function mapOf(
  groups: readonly Group[],
  figure: string,
  question: Question
): JointMap | undefined {
  const all = groups.flatMap(({ name, runs }) => {
    // Runs of one recipe often have one name. Their files tell them apart.
    const areNamed = new Set(runs.map(({ run }) => run)).size === runs.length
    return runs.map((own) => ({ group: name, own, label: areNamed ? own.run : own.path }))
  })
  const found = all.flatMap(({ own }) => [own.figures.get(figure) ?? []])
  if (found.some((values) => values.length === 0)) return undefined
  const { values } = alongside(found)
  const runs = all.map(({ own }) => own)
  const apart =
    firstApart(runs, (a, b) => runsApart(a, b, question)) !== undefined ||
    firstApart(values, (a, b) => figuresApart(a, b, question)) !== undefined
  if (apart) return undefined
  const total = values.length
  const distances = distancesOf(values, question.metric)
  const plane = planeOf(distances, total)
  if (!plane) return undefined
  return {
    figure,
    shown: plane.shown,
    runs: all.map(({ group, label }, i) => {
      const [x, y] = plane.points[i]!
      return { group, run: label, x, y }
    }),
    distances: all.map((_, i) => [...distances.subarray(i * total, (i + 1) * total)]),
  }
}
