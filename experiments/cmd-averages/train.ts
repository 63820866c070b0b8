import type { Sequential } from '@tensorflow/tfjs'
import { from, lastValueFrom, tap } from 'rxjs'
import { analyse } from '../../src/analyse.ts'
import type { Summary } from '../../src/engine/summary.ts'
import type { TF } from '../../src/node/train/backends.ts'
import type { Recipe } from '../../src/node/train/recipe.ts'
import { train } from '../../src/node/train/train.ts'
import type { StageValue } from '../../src/stage/define.ts'
import { readFrames } from '../../src/wire/reader.ts'
import { captured } from '../lib/captured.ts'
import { assign, flat } from './flat.ts'

export interface Training {
  readonly tf: TF
  readonly recipe: Recipe
  readonly learningRate: number
  readonly batch: number
  readonly epochs: number
  readonly seed: number
}

/**
 * Trains with stages on its stream, one position an epoch, and gives the last summary of each. The trainer waits for the analysis, so
 * `atEpoch` finds the stages as the epoch's position leaves them. Weights that it returns are what training goes on from.
 */
export async function trainWatched(
  { tf, recipe: base, learningRate, batch, epochs, seed }: Training,
  stages: readonly StageValue[],
  atEpoch: (epoch: number, weights: Float32Array) => Float32Array | undefined
): Promise<ReadonlyMap<string, Summary>> {
  const { recipe, network } = captured(base)
  const every = Math.floor(recipe.data().size / batch)
  const onStep = (step: number) => {
    const own: Sequential = network()
    const weights = atEpoch(step / every, flat(own))
    if (weights) assign(tf, own, weights)
  }
  const options = {
    optimizer: 'sgd',
    learningRate,
    batch,
    seed,
    steps: epochs * every,
    every,
  } as const
  const stream = train(recipe, options, { onStep })
  const found = new Map<string, Summary>()
  const blocks = from(readFrames(stream)).pipe(
    analyse({ block: 1 }, ...stages),
    tap(({ summaries }) => {
      for (const own of summaries) found.set(own.stage, own)
    })
  )
  await lastValueFrom(blocks)
  return found
}
