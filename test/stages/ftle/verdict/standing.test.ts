import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Arena } from '../../../../src/kernels/arena.ts'
import type { Verdict } from '../../../../src/stages/ftle/verdict/names.ts'
import {
  hear,
  type Stand,
  Standing,
  standingValues,
} from '../../../../src/stages/ftle/verdict/standing.ts'

const standing = suite('what stands')

const first: Stand = {
  verdict: 'insufficient',
  weight: 0,
  rival: 'insufficient',
  since: 0,
  latest: 'insufficient',
}

/** What stands after each of the looks [verdict, steps it read], one every ten steps. */
function after(...looks: readonly [Verdict, number][]): Verdict[] {
  let stand = first
  return looks.map(([verdict, steps], i) => {
    stand = hear(stand, verdict, steps, 10 * (i + 1))
    return stand.verdict
  })
}
const times = (count: number, verdict: Verdict, steps = 50): [Verdict, number][] =>
  Array.from({ length: count }, () => [verdict, steps])

standing('takes two looks in a row', () => {
  assert.equal(after(...times(2, 'chaotic')), ['expanding', 'chaotic'])
  assert.equal(after(...times(2, 'contracting')), ['insufficient', 'contracting'])
  assert.equal(after(['contracting', 5], ['neutral', 5], ['contracting', 5], ['contracting', 5]), [
    'insufficient',
    'insufficient',
    'insufficient',
    'contracting',
  ])
})

standing('gives way only to as much evidence as it took', () => {
  // Read from 50 steps: another must be said over 50.
  const said = after(...times(2, 'contracting'), ...times(7, 'expanding'))
  assert.equal(said.slice(2), [...Array(6).fill('contracting'), 'expanding'])
  // One look that says otherwise begins the count anew.
  const broken = after(
    ...times(2, 'chaotic'),
    ...times(4, 'expanding'),
    ['neutral', 9],
    ...times(5, 'expanding')
  )
  assert.is(broken.at(-1), 'chaotic')
  // So does one that says the old verdict again, and the most it was read from counts.
  const again = after(
    ...times(2, 'chaotic'),
    ...times(4, 'expanding'),
    ['chaotic', 80],
    ...times(8, 'expanding')
  )
  assert.is(again.at(-1), 'chaotic')
  assert.is(after(...times(2, 'chaotic'), ...times(8, 'expanding')).at(-1), 'expanding')
})

standing('that says nothing was seen yields to what two looks see', () => {
  assert.equal(after(...times(3, 'neutral', 400), ...times(2, 'expanding')).slice(2), [
    'neutral',
    'neutral',
    'expanding',
  ])
  assert.equal(after(...times(3, 'insufficient', 400), ...times(2, 'contracting')).slice(3), [
    'insufficient',
    'contracting',
  ])
})

standing(
  'lets claims about growth follow each other where that takes back no more than is known',
  () => {
    assert.equal(after(...times(3, 'expanding', 400), ...times(2, 'chaotic')).slice(3), [
      'expanding',
      'chaotic',
    ])
    assert.equal(after(...times(3, 'expanding', 400), ...times(2, 'diverging')).slice(3), [
      'expanding',
      'diverging',
    ])
    assert.equal(after(...times(3, 'diverging', 400), ...times(2, 'expanding')).at(-1), 'expanding')
    assert.equal(after(...times(3, 'chaotic', 400), ...times(3, 'expanding')).at(-1), 'chaotic')
  }
)

standing('takes facts at once', () => {
  assert.equal(after(['no-perturbation', 0], ['noise-driven', 9]), [
    'no-perturbation',
    'noise-driven',
  ])
  assert.equal(after(['no-twin', 0]), ['no-twin'])
})

standing('is in its bytes alone, with the time of the next look', () => {
  const arena = new Arena(2 * Standing.bytes, 'js')
  const address = arena.take(Standing.bytes)
  const kept = new Standing(arena, address)
  assert.equal(kept.stand, first)
  assert.ok(kept.isDue(0))
  const stand: Stand = {
    verdict: 'contracting',
    weight: 50,
    rival: 'expanding',
    since: 40,
    latest: 'expanding',
  }
  kept.keep(stand, 64)
  assert.equal(new Standing(arena, address).stand, stand)
  assert.not(kept.isDue(71))
  assert.ok(kept.isDue(72))
})

standing('tells what the last look says where that is something else', () => {
  const told = (stand: Partial<Stand>) =>
    standingValues({ ...first, ...stand }, { verdict: 'expanding', why: 'growth ends' })
  assert.equal(told({ verdict: 'expanding', weight: 9 }), {
    verdict: 'expanding',
    latest: 'expanding',
    evidence: 9,
    why: 'growth ends',
  })
  assert.is(told({}).why, 'two looks must agree, and the last look says "expanding": growth ends')
  assert.match(
    String(told({ verdict: 'chaotic', weight: 90 }).why),
    /^"chaotic" was read from 90 steps/
  )
})

standing.run()
