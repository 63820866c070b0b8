import type { Situation } from './situation.ts'
import { aloneSituations } from './situations/alone.ts'
import { bowlSituations } from './situations/bowls.ts'
import { flowSituations } from './situations/flows.ts'
import { mapSituations } from './situations/maps.ts'
import { networkSituations } from './situations/networks.ts'
import { saddleSituations } from './situations/saddles.ts'
import { tangentSituations } from './situations/tangents.ts'
import { walkSituations } from './situations/walks.ts'

/** All situations of known truth. */
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
