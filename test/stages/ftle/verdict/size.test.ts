import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { agreementsOf, finiteSize } from '../../../../src/stages/ftle/verdict/size.ts'
import { line, measured, readingOf, walk } from './courses.ts'

const size = suite('growth of infinitesimal and of finite separations')

const near = (value: number, expected: number, within: number): void =>
  assert.ok(Math.abs(value - expected) <= within, `${value}, expected ${expected}`)
const from = (logs: readonly number[], start: number): number[] =>
  logs.map((v) => v + Math.log(start))

/** Sixteen pieces of ten points; the larger twin grows by another share of the common slope in each. */
function twins(share: (piece: number) => number, ratio = 1000): number[][] {
  const large = [0]
  for (let t = 0; t < 160; t++) large.push(large[t]! + 0.06 * share(Math.floor(t / 10)))
  return [from(line(161, 0.06), 1e-12), from(large, 1e-12 * ratio)]
}
const whyOf = (logs: number[][]): string | undefined => finiteSize(measured({ twins: logs }))?.why

size('is compared piece by piece', () => {
  const [same] = agreementsOf(readingOf({ twins: twins(() => 1) }))
  near(same!.eighths, 0, 1e-12)
  near(same!.ratio, 1000, 1e-6)
  // Alternately half as much again and half as much: 1/4 over sixteenths, nothing over eighths.
  const [other] = agreementsOf(readingOf({ twins: twins((piece) => (piece % 2 ? 0.5 : 1.5)) }))
  near(other!.eighths, 0, 1e-12)
  near(other!.sixteenths, 0.25, 1e-12)
  // Twins of nearly one size have nothing to compare.
  assert.equal(agreementsOf(readingOf({ twins: twins(() => 1, 50) })), [])
})

size('is that of infinitesimal separations where twins agree', () => {
  assert.is(whyOf(twins(() => 1)), undefined)
  assert.is(whyOf(twins((piece) => (piece % 4 < 2 ? 0.5 : 1.5))), undefined)
  assert.match(
    whyOf(twins((piece) => (piece < 8 ? 0.1 : 1)))!,
    /a twin 1000 times as far away grows otherwise, by 64 %/
  )
  assert.match(whyOf(twins((piece) => (piece % 2 ? 0.2 : 1.8)))!, /grows otherwise, by 80 %/)
})

size('keeps from floor and saturation', () => {
  // The larger twin saturates at once: nothing is compared, and one twin alone has to show it.
  const [small] = twins(() => 1) as [number[]]
  const measures = measured({ twins: [small, small.map(() => -3)] })
  assert.equal(measures.agreements, [])
  assert.is(finiteSize(measures), undefined)
})

size('of one twin is shown by three decades in six parts', () => {
  const decades = (count: number): number[] =>
    from(walk(200, (count * Math.LN10) / 200, 0.02), 1e-12)
  assert.is(whyOf([decades(4)]), undefined)
  assert.match(whyOf([decades(2)])!, /is less than 3 decades/)
  const jumps = [40, 80, 120, 160]
  const stairs = from(
    line(200, 0).map((_, t) => 3 * jumps.filter((at) => t >= at).length),
    1e-12
  )
  assert.match(whyOf([stairs])!, /is equal to 4\.0 equal parts/)
})

size.run()
