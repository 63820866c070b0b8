import type { Situation } from './situation.ts'
import { aloneSituations } from './situations/alone.ts'
import { bowlSituations } from './situations/bowls.ts'
import { cycleSituations } from './situations/cycles.ts'
import { flowSituations } from './situations/flows.ts'
import { mapSituations } from './situations/maps.ts'
import { networkSituations } from './situations/networks.ts'
import { regularSituations } from './situations/regular.ts'
import { saddleSituations } from './situations/saddles.ts'
import { tangentSituations } from './situations/tangents.ts'
import { trainingSituations } from './situations/training.ts'
import { walkSituations } from './situations/walks.ts'

/** Situations of known truth, each of which `npm test` runs with one seed. */
export const battery: readonly Situation[] = [
  ...mapSituations,
  ...flowSituations,
  ...bowlSituations,
  ...saddleSituations,
  ...walkSituations,
  ...networkSituations,
  ...tangentSituations,
  ...aloneSituations,
]

/** More of them, thought up to mislead after the rule was fixed: no threshold was chosen by them. */
export const doubts: readonly Situation[] = [
  ...regularSituations,
  ...cycleSituations,
  ...trainingSituations,
]
