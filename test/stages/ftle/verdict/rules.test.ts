import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Verdict } from '../../../../src/stages/ftle/verdict/names.ts'
import { type Evidence, judge } from '../../../../src/stages/ftle/verdict/rules.ts'
import { random } from '../../../engine/frames.ts'
import { line, readingOf, type Told, walk } from './courses.ts'

const rules = suite('verdicts')

const next = random(6)
/** Growth to saturation and what it is there, of two twins a thousand times apart in size. */
function chaos(): number[][] {
  const small = walk(101, 0.24, 0.2, 1, -27)
  const end = (): number[] => Array.from({ length: 200 }, () => -1 + next())
  const large = small.map((v) => Math.min(v + Math.log(1000), -1 + next()))
  return [
    [...small, ...end()],
    [...large, ...end()],
  ]
}
const lasts: Partial<Told> = { growth: [0, 100], passed: true }
const evidence = (told: Told, more: Partial<Evidence> = {}): Evidence => ({
  vectors: told.twins.length,
  isTangent: false,
  coupled: true,
  weights: 100,
  known: true,
  apart: true,
  missing: 'nothing to read',
  reading: readingOf(told),
  ...more,
})
const whole = (logs: readonly number[], more: Partial<Evidence> = {}): Evidence =>
  evidence({ twins: [logs] }, more)

/** A decline by seven e-foldings in a thousand weights. */
const fallen = (told: Partial<Told> = {}, slope = -0.07): Evidence =>
  evidence({ twins: [line(101, -0.07), line(101, slope, -6)], ...told }, { weights: 1000 })

const saddle = (t: number): number => -20 + 0.24 * t
const small = chaos()[0]!
const rows: [Verdict, Evidence, RegExp][] = [
  [
    'chaotic',
    evidence({ twins: chaos(), ...lasts }),
    /2\d\.\d\d e-foldings, spread over its window and up to/,
  ],
  ['chaotic', evidence({ twins: [small], ...lasts }), /up to saturation/],
  ['no-twin', evidence({ twins: [small] }, { vectors: 0 }), /one member/],
  ['insufficient', evidence({ twins: [small] }, { known: false }), /nothing to read/],
  ['no-perturbation', evidence({ twins: [small] }, { apart: false }), /equal member 0/],
  ['insufficient', evidence({ twins: [small] }, { reading: undefined }), /nothing to read/],
  ['noise-driven', evidence({ twins: [small] }, { reading: undefined, coupled: false }), /coupled/],
  [
    'insufficient',
    whole(line(13, 0.3)),
    /12 increments between floor and saturation; 16 are needed/,
  ],
  ['contracting', whole(line(101, -0.1)), /shrink evenly/],
  ['contracting', whole(line(101, -0.1), { coupled: false }), /shrink evenly/],
  ['contracting', evidence({ twins: [line(101, -0.1), line(101, -0.07, -6)] }), /shrink evenly/],
  [
    'insufficient',
    whole(line(101, -0.07), { weights: 1_000_000 }),
    /7\.00 e-foldings; of 1000000 weights and with one twin, 11\.98 are needed/,
  ],
  // A second twin that began elsewhere is a second witness; not so one that began along the first, or fell by less.
  ['contracting', fallen(), /shrink evenly/],
  ['insufficient', fallen({ across: -1 }), /with one twin, 8\.53 are needed/],
  ['insufficient', fallen({}, -0.05), /with 2 twins, 5\.88 are needed/],
  // Bounds leave the second twin no room for three e-foldings.
  ['contracting', evidence({ twins: [line(101, -0.1), line(101, -0.1, -32)] }), /shrink evenly/],
  [
    'insufficient',
    evidence({ twins: [line(101, -0.1), line(101, -0.02, -6)] }),
    /10\.00 e-foldings that another twin does not share/,
  ],
  // The second twin has come down to what does not shrink.
  [
    'insufficient',
    evidence({ twins: [line(101, -0.1), line(101, 0).map((_, t) => Math.max(-11, -6 - 0.1 * t))] }),
    /another twin does not share/,
  ],
  // Along the run's motion, which stays, the separation stays; or the motion dies out with it.
  [
    'insufficient',
    evidence({ twins: [line(101, -0.1)], along: (t) => -11 + 0.1 * t }),
    /10\.00 e-foldings across the run's own motion/,
  ],
  [
    'contracting',
    evidence({ twins: [line(101, -0.1)], pace: (t) => -0.1 * t, along: () => -11 }),
    /shrink evenly/,
  ],
  ['noise-driven', evidence({ twins: chaos(), ...lasts }, { coupled: false }), /coupled/],
  ['noise-driven', whole(line(101, 0), { coupled: false }), /coupled/],
  ['neutral', whole(line(400, 0).map((_, t) => Math.log(t + 1))), /as t\^1\.00/],
  ['neutral', whole(line(101, 0).map((_, t) => 0.4 * Math.sin(t))), /within a factor e, over 100/],
  ['insufficient', whole(line(40, 0)), /39 increments are too few/],
  ['insufficient', whole(line(101, 0.02)), /growth by 2\.00 e-foldings; 3 are needed/],
  [
    'insufficient',
    whole(line(101, 0).map((_, t) => 4 * Number(t > 50))),
    /4\.00 e-foldings that is too uneven/,
  ],
  ['diverging', evidence({ twins: chaos(), ...lasts, pace: (t) => 0.2 * t }), /runs away/],
  ['expanding', evidence({ twins: chaos(), ...lasts, along: saddle }), /leaves an unstable point/],
  [
    'expanding',
    evidence({ twins: [small, chaos()[1]!.map((v, t) => (t < 60 ? -17 : v))], ...lasts }),
    /grows otherwise/,
  ],
  ['expanding', whole(walk(101, 0.05, 0.05)), /is less than 3 decades/],
  ['chaotic', whole(walk(400, 0.05, 0.1), { isTangent: true }), /going on/],
  [
    'expanding',
    whole(walk(61, 0.15, 0.05), { isTangent: true }),
    /not yet up to saturation|constant rate/,
  ],
]

rules('follow from the first that applies', () => {
  rows.forEach(([expected, given, why], i) => {
    const found = judge(given)
    assert.is(found.verdict, expected, `row ${i}: ${found.why}`)
    assert.match(found.why, why, `row ${i}`)
  })
})

rules('say how many steps they were read from', () => {
  assert.is(judge(evidence({ twins: chaos(), ...lasts })).steps, 100)
  assert.is(judge(evidence({ twins: [small] }, { known: false })).steps, 0)
})

rules.run()
