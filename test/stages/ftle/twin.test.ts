import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { random } from '../../engine/frames.ts'
import { analysed, orbit, type State, stream, turned } from './members.ts'

const twins = suite('exponents from twins')

const near = (value: number | null | undefined, expected: number, within: number): void =>
  assert.ok(Math.abs(value! - expected) <= within, `${value}, expected ${expected}`)
const plus = (a: State, b: State): State => a.map((value, i) => value + (b[i] ?? 0))

/** A linear map of two turned directions, beside a coordinate that stays and gives the weights their norm. */
const linear =
  (a: number, b: number) =>
  ([x, y, norm]: State): State => {
    const [u, v] = turned([x!, y!], -0.7)
    return [...turned([a * u!, b * v!]), norm!]
  }
const still: State = [0, 0, 1]

const henon = ([x, y]: State): State => [1 - 1.4 * x! * x! + y!, 0.3 * x!]
const settled = (map: (w: State) => State, start: State): State => orbit(start, 500, map).at(-1)!
const henonTwins = (seed: number, steps: number, epsilon = 1e-12): State[][] => {
  const next = random(seed)
  const start = settled(henon, [0.1 * next(), 0.1 * next()])
  const apart = turned([epsilon, 0], 3 * next())
  return [orbit(start, steps, henon), orbit(plus(start, apart), steps, henon)]
}

twins('print the separations that the members have', () => {
  const next = random(2)
  const width = 700
  const walk = (): State[] =>
    orbit(Array.from({ length: width }, next), 21, (w) => w.map((v) => v + 0.01 * next()))
  const members = [walk(), walk(), walk()]
  const { last, error } = analysed(stream(members), { norms: ['l1', 'l2'] }, { block: 8 })
  assert.is(error, undefined)
  const { steps, values: l2 } = last.separations!
  const { values: l1 } = last.separationSums!
  assert.equal(
    steps,
    Array.from({ length: 21 }, (_, t) => t + 1)
  )
  for (const m of [0, 1]) {
    steps.forEach((t) => {
      const apart = members[m + 1]![t]!.map((v, i) => v - members[0]![t]![i]!)
      near(l2![m]![t - 1], Math.hypot(...apart), 1e-12)
      near(
        l1![m]![t - 1],
        apart.reduce((sum, v) => sum + Math.abs(v), 0),
        1e-11
      )
    })
    assert.is(last.distances[m], l2![m]!.at(-1))
  }
  assert.is(analysed(stream(members)).last.separations, undefined)
})

twins('give a linear map its exponent to 1e-6', () => {
  for (const [a, b, verdict] of [
    // Member 0 sits on an unstable point: growth, and no chaos.
    [1.1, 0.8, 'expanding'],
    [0.9, 0.5, 'contracting'],
  ] as const) {
    const map = linear(a, b)
    const apart = [...turned([1e-6, 3e-7]), 0]
    const members = [orbit(still, 90, map), orbit(plus(still, apart), 90, map)]
    const { last } = analysed(stream(members))
    near(last.exponents[0], Math.log(a), 1e-6)
    const [low, high] = last.intervals[0]!
    assert.ok(low <= Math.log(a) + 1e-9 && high >= Math.log(a) - 1e-9)
    assert.is(last.verdict, verdict)
    near(last.efoldings, Math.abs(Math.log(a)) * (last.window![1] - last.window![0]), 1e-4)
  }
})

twins('give p exponents of a linear map from p twins', () => {
  const rates = [1.1, 0.95, 0.8]
  const map = (w: State): State => [...rates.map((rate, i) => rate * w[i]!), w[3]!]
  const start: State = [0, 0, 0, 1]
  for (const p of [1, 2, 3]) {
    const next = random(p)
    const members = Array.from({ length: p + 1 }, (_, m) =>
      orbit(plus(start, m === 0 ? [] : [1, 2, 3].map(() => 1e-6 * next())), 60, map)
    )
    const { exponents, windows } = analysed(stream(members)).last
    assert.is(exponents.length, p)
    exponents.forEach((exponent, i) => {
      near(exponent, Math.log(rates[i]!), 2e-4)
      assert.ok(windows[i]![1] - windows[i]![0] >= 20)
    })
  }
})

twins("equal Benettin's renormalised tangents over the same window", () => {
  // Chirikov's standard map with K = 1.2, whose tangent map has determinant 1.
  const map = ([q, p]: State): State => {
    const next = p! + 1.2 * Math.sin(q!)
    return [q! + next, next]
  }
  const start: State = [2.9, 0.4]
  const directions: State[] = [turned([1, 0], 0.3), turned([1, 0], 1.6)]
  const members = [
    start,
    ...directions.map((d) =>
      plus(
        start,
        d.map((v) => 1e-9 * v)
      )
    ),
  ].map((w) => orbit(w, 40, map))
  const { last } = analysed(stream(members))
  let [u, v] = directions as [State, State]
  const logs = [[0], [0]]
  for (let t = 0; t < 40; t++) {
    const cos = 1.2 * Math.cos(members[0]![t]![0]!)
    const tangent = ([q, p]: State): State => [q! + p! + cos * q!, p! + cos * q!]
    ;[u, v] = [tangent(u), tangent(v)]
    const length = Math.hypot(...u)
    u = u.map((x) => x / length)
    const along = u[0]! * v[0]! + u[1]! * v[1]!
    v = v.map((x, i) => x - along * u[i]!)
    const height = Math.hypot(...v)
    v = v.map((x) => x / height)
    logs[0]!.push(logs[0]![t]! + Math.log(length))
    logs[1]!.push(logs[1]![t]! + Math.log(height))
  }
  for (const rank of [0, 1]) {
    const [from, to] = last.windows[rank]!
    near(last.exponents[rank], (logs[rank]![to]! - logs[rank]![from]!) / (to - from), 1e-4)
    assert.ok(to - from >= 8)
  }
  near(last.exponents[0]! + last.exponents[1]!, 0, 1e-5)
})

twins("hold Hénon's exponent in their interval for 9 of 10 seeds and more", () => {
  let covered = 0
  for (let seed = 1; seed <= 40; seed++) {
    const { last } = analysed(stream(henonTwins(seed, 400)))
    const [low, high] = last.intervals[0]!
    covered += Number(low < 0.41922 && 0.41922 < high)
    assert.is(last.verdict, 'chaotic')
    assert.ok(last.efoldings > 15)
  }
  assert.ok(covered >= 36, `${covered} of 40`)
})

twins("hold the logistic map's ln 2 likewise, each twin alone or several", () => {
  const logistic = ([x]: State): State => [4 * x! * (1 - x!)]
  let covered = 0
  for (let seed = 1; seed <= 20; seed++) {
    const next = random(seed)
    const start: State = [0.5 + 0.3 * next()]
    const members = [0, 1e-12, -2e-12, 3e-12].map((e) => orbit(plus(start, [e]), 50, logistic))
    const { last } = analysed(stream(members))
    const [low, high] = last.intervals[0]!
    covered += Number(low < Math.LN2 && Math.LN2 < high)
    assert.equal(
      last.exponents.slice(1),
      [Number.NaN, Number.NaN],
      'one dimension has one exponent'
    )
    assert.match(last.why, /exponent 2, 3/)
  }
  assert.ok(covered >= 18, `${covered} of 20`)
})

twins('stop at saturation, whatever comes after it', () => {
  const short = analysed(stream(henonTwins(4, 64))).last
  const long = analysed(stream(henonTwins(4, 500))).last
  assert.equal(long.window, short.window)
  assert.equal(long.exponents, short.exponents)
  assert.ok(long.distances[0]! > 0)
  // A slope through all points would be near 0.
  assert.ok(long.window![1] < 70)
})

twins('see growth collapse far below 5 % of the weights', () => {
  const small = ([x, y, norm]: State): State => {
    const [u, v] = henon([x! * 1e3, y! * 1e3])
    return [u! / 1e3, v! / 1e3, norm!]
  }
  const start = [...settled(small, [1e-4, 1e-4, 1]).slice(0, 2), 1]
  const members = [start, plus(start, [1e-13, 0])].map((w) => orbit(w, 400, small))
  const { last } = analysed(stream(members))
  assert.is(last.verdict, 'chaotic')
  assert.match(last.why, /collapsed/)
  assert.ok(last.window![1] < 80)
  near(last.exponents[0], 0.42, 0.12)
})

twins('wait until separations rise above the floor of f32', () => {
  // Started at 2^-24, the separation is rounding noise until it has grown.
  const map = ([x, y, norm]: State): State =>
    [1 - 1.4 * x! * x! + y!, 0.3 * x!, norm!].map(Math.fround)
  const start = settled(map, [0.1, 0.1, 3])
  const members = [start, plus(start, [2 ** -23, 0])].map((w) => orbit(w.map(Math.fround), 60, map))
  const { last } = analysed(stream(members, { dtype: 'f32' }), { norms: ['l2'] })
  // Ten roundoffs of the weights and of all steps that led to them.
  const [zero] = members as [State[]]
  const moves = zero.slice(1).map((w, t) => Math.hypot(...w.map((v, i) => v - zero[t]![i]!)))
  const floorAt = (step: number): number =>
    10 * 2 ** -24 * Math.hypot(...start, ...moves.slice(0, step))
  near(last.floor, floorAt(60), 1e-7)
  const { steps, values: l2 } = last.separations!
  const apart = (step: number): number => l2[0]![steps.indexOf(step)]!
  const [from] = last.window!
  assert.ok(apart(from - 1) < floorAt(from - 1) + 1e-7, 'starts below the floor')
  assert.ok(apart(from) >= floorAt(from) - 1e-7)
  assert.ok(last.window![0] > 1)
  const below = analysed(
    stream([orbit(still, 50, linear(1, 1)), orbit(plus(still, [1e-9]), 50, linear(1, 1))], {
      dtype: 'f32',
    })
  )
  assert.is(below.last.verdict, 'insufficient')
  assert.match(below.last.why, /below the floor/)
})

twins('compare the growth of twins of two sizes', () => {
  const members = [0, 1e-9, 1e-6].map((e) => orbit(plus(still, [e]), 100, linear(1.1, 1)))
  const { last } = analysed(stream(members))
  near(last.sizeRatio, 1000, 1e-3)
  near(last.sizeDifference, 0, 1e-6)
})

twins('call independent noise what it is, declared or not', () => {
  const noisy = (seed: number): ((w: State) => State) => {
    const next = random(seed)
    return ([x, y, norm]) => [0.98 * x! + 1e-3 * next(), 0.95 * y! + 1e-3 * next(), norm!]
  }
  // Contracting, each member with noise of its own: a line through the first steps rises.
  const members = [1, 2].map((seed) => orbit(plus(still, [0, seed * 1e-6]), 300, noisy(seed)))
  const { last } = analysed(stream(members, { open: { coupled: false } }))
  assert.is(last.verdict, 'noise-driven')
  // The same noise for both: it contracts.
  const shared = [1, 2].map((m) => orbit(plus(still, [1e-3 * m, 0]), 400, noisy(7)))
  const together = analysed(stream(shared)).last
  assert.is(together.verdict, 'contracting')
  near(together.exponents[0], Math.log(0.98), 2e-3)
  // Diffusion that claims to be coupled: more than three e-foldings, but as t^½. One twin alone may part so by itself.
  const diffusing = (seed: number): ((w: State) => State) => {
    const next = random(seed)
    return (w) => w.map((v, i) => (i < 200 ? v + 1e-5 * next() : v))
  }
  const wide = Array.from({ length: 201 }, (_, i) => (i < 200 ? 0 : 10))
  const walks = [1, 2, 3].map((seed) => orbit(plus(wide, [seed * 1e-9]), 1500, diffusing(seed)))
  const alone = analysed(stream(walks.slice(0, 2))).last
  assert.is(alone.verdict, 'neutral')
  near(alone.powerLawExponent, 0.5, 0.05)
  const spread = analysed(stream(walks)).last
  assert.is(spread.verdict, 'noise-driven')
  assert.match(spread.why, /as far from each other as from member 0/)
})

twins('call algebraic growth neutral', () => {
  // A shear: separations grow as t, without exponent.
  const shear = ([x, y, norm]: State): State => [x! + y!, y!, norm!]
  const members = [0, 1e-6].map((e) => orbit(plus(still, [0, e]), 400, shear))
  const { last } = analysed(stream(members))
  assert.is(last.verdict, 'neutral')
  near(last.powerLawExponent, 1, 0.01)
})

twins('call a rotation neutral once it has lasted', () => {
  const turn = ([x, y, norm]: State): State => [
    ...turned([x!, 1.3 * y!], 0.4).map((v, i) => (i ? v / 1.3 : v)),
    norm!,
  ]
  const members = [0, 1e-6].map((e) => orbit(plus(still, [e, 0]), 200, turn))
  assert.is(analysed(stream(members)).last.verdict, 'neutral')
  assert.is(analysed(stream(members.map((m) => m.slice(0, 40)))).last.verdict, 'insufficient')
})

twins('say what is missing instead of an exponent', () => {
  const map = linear(1.1, 0.8)
  const one = orbit(still, 40, map)
  const alone = analysed(stream([one])).last
  assert.is(alone.verdict, 'no-twin')
  assert.equal([alone.exponents, alone.intervals, alone.window], [[], [], null])
  const same = analysed(stream([one, one, one])).last
  assert.is(same.verdict, 'no-perturbation')
  assert.equal(same.exponents, [Number.NaN, Number.NaN])
  const other = orbit(plus(still, [1e-6]), 40, map)
  const some = analysed(stream([one, one, other])).last
  near(some.exponents[0], Math.log(1.1), 1e-3)
  assert.ok(Number.isNaN(some.exponents[1]))
  const early = analysed(stream([one.slice(0, 5), other.slice(0, 5)])).last
  assert.is(early.verdict, 'insufficient')
  assert.match(early.why, /too few points/)
  const little = analysed(stream([one, other].map((m) => m.slice(0, 24)))).last
  assert.is(little.verdict, 'insufficient')
  assert.match(little.why, /e-foldings/)
  const far = analysed(stream([one, orbit(plus(still, [1]), 40, map)])).last
  assert.match(far.why, /passed saturation/)
})

twins('read a window of the last steps where one is asked for', () => {
  // Growth by 1.05 up to step 60, then decline.
  const map = ([x, y, norm]: State, t: number): State => [x! * (t <= 60 ? 1.05 : 0.9), y!, norm!]
  const members = [0, 1e-5].map((e) => orbit(plus(still, [e]), 120, map))
  const { all, last } = analysed(stream(members), { window: 20 })
  near(last.exponents[0], Math.log(0.9), 1e-9)
  assert.equal(last.window, [100, 120])
  near(all[2]!.exponents[0], Math.log(1.05), 1e-9)
  assert.equal(all[2]!.window, [28, 48])
})

twins('name the optimizer whose own state separates too', () => {
  const members = henonTwins(1, 30)
  const why = (meta: Record<string, string | number>): string =>
    analysed(stream(members, { open: { meta } })).last.why
  assert.match(why({ optimizer: 'adam' }), /optimizer/)
  assert.match(why({ optimizer: 'sgd', momentum: 0.9 }), /optimizer/)
  assert.not.match(why({ optimizer: 'SGD', momentum: 0 }), /optimizer/)
})

twins('raise an alert that a gate can hold on to', () => {
  assert.equal(analysed(stream(henonTwins(3, 60))).alerts, ['ftle/chaotic'])
  const calm = [0, 1e-3].map((e) => orbit(plus(still, [e]), 60, linear(0.9, 0.8)))
  assert.equal(analysed(stream(calm)).alerts, [])
})

twins.run()
