import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { KoopmanValues } from '../../../src/stages/koopman/report.ts'
import { blocks, frames, gaussian, lastOf, type Row, runOf, saidOf } from './runs.ts'

const spectra = suite('spectra of known maps')

const near = (value: number, expected: number, within: number, what = ''): void =>
  assert.ok(Math.abs(value - expected) <= within, `${what} ${value}, expected ${expected}`)

/** The eigenvalue that is nearest to modulus and angle, as a row of the table. */
export function nearest({ modes, spacing }: KoopmanValues, modulus: number, angle = 0) {
  const distance = (mode: NonNullable<typeof modes>[number]): number => {
    const own = mode.frequency * 2 * Math.PI * spacing
    return Math.hypot(
      mode.modulus * Math.cos(own) - modulus * Math.cos(angle),
      mode.modulus * Math.sin(own) - modulus * Math.sin(angle)
    )
  }
  const found = modes!.reduce((best, mode) => (distance(mode) < distance(best) ? mode : best))
  return { ...found, distance: distance(found) }
}

const descent = [0.999, 0.995, 0.99, 0.97, 0.9, 0.6]

spectra('D1: exact samples of a rotation give ±i to 1e-9', () => {
  const values = lastOf(
    frames([
      runOf(
        [
          [1, -2],
          [1, -1],
        ],
        { steps: 4000 }
      ),
    ])
  )
  assert.is(values.eigenvalues!.length, 2)
  for (const [re, im] of values.eigenvalues!) {
    near(re, 0, 1e-9)
    near(Math.abs(im), 1, 1e-9)
  }
  assert.is(values.verdict, 'neutral')
})

spectra('D2: random maps of 2 to 9 dimensions come out to 1e-9, at each of the last steps', () => {
  for (let n = 2; n <= 9; n++) {
    const normal = gaussian(n)
    const matrix = Array.from({ length: n }, () => Array.from({ length: n }, normal))
    const scaled = matrix.map((row) => row.map((value) => (0.9 * value) / Math.sqrt(n)))
    const runs = Array.from({ length: 12 }, (_, m) =>
      runOf(scaled, { steps: 24, rows: n, start: Array.from({ length: n }, gaussian(90 + m)) })
    )
    const trace = scaled.reduce((sum, row, i) => sum + row[i]!, 0)
    const squares = scaled.reduce(
      (sum, row, i) => sum + row.reduce((part, value, j) => part + value * scaled[j]![i]!, 0),
      0
    )
    const said = saidOf(frames(runs), { svd: false, koopman: { pool: true } }, { block: 1 })
    for (const { eigenvalues } of said.slice(-12)) {
      assert.is(eigenvalues!.length, n)
      near(
        eigenvalues!.reduce((sum, [re]) => sum + re, 0),
        trace,
        1e-9,
        'trace'
      )
      near(
        eigenvalues!.reduce((sum, [re, im]) => sum + re * re - im * im, 0),
        squares,
        1e-9,
        'trace of the square'
      )
    }
  }
})

spectra(
  'are 1 - ηh of gradient descent on a quadratic, from deltas or positions, in f32 and f64',
  () => {
    const run = runOf(blocks(...descent), { steps: 400 })
    for (const of of ['deltas', 'positions'] as const) {
      for (const [dtype, storage, within] of [
        ['f64', 'f64', 2e-8],
        ['f32', 'f32', 2e-5],
      ] as const) {
        const values = lastOf(frames([run], dtype), { svd: { of, storage } })
        assert.is(values.modes!.length, 6, `${of} ${dtype}`)
        descent.forEach((mu, i) => {
          const mode = values.modes![i]!
          near(mode.modulus, mu, within, `${of} ${dtype}`)
          near(mode.rate, Math.log(mu), 2 * within)
          assert.is(mode.verdict, 'real')
          assert.ok(mode.residual < 1e-6, `${mode.residual}`)
        })
        assert.is(values.verdict, 'decaying')
        near(values.captured, 1, 1e-6)
        assert.ok(values.lost < 1e-6)
        assert.equal(values.window, [0, 400])
        assert.is(values.pairs, 400)
      }
    }
  }
)

spectra('D4: positions tell them to 3e-3 under process noise, where deltas would tell none', () => {
  const run = runOf(blocks(...descent), { steps: 3000, noise: 5e-4 })
  const values = lastOf(frames([run], 'f32'))
  descent.forEach((mu, i) => {
    near(values.modes![i]!.modulus, mu, 3e-3)
  })
  // Trap: a map fitted to the deltas themselves. Here they are the positions of a run.
  const deltas = run.slice(1).map((row, t) => row.map((value, k) => value - run[t]![k]!))
  const differenced = lastOf(frames([deltas]))
  assert.ok(nearest(differenced, 0.999).distance > 0.05)
})

spectra('D6: spurious eigenvalues are told from true ones, with noise and without', () => {
  const [true1, true2] = [0.98, 0.9]
  for (const noise of [0, 1e-3, 1e-2]) {
    // Coordinates of the map, and others that nothing predicts.
    const map = runOf(blocks(true1, true2), { steps: 600, noise, rows: 2, start: [10, 10] })
    const normal = gaussian(8)
    const run = map.map((row) => [...row, ...Array.from({ length: 6 }, normal)])
    const { modes } = lastOf(frames([run]), { svd: false })
    const real = modes!.filter(({ verdict }) => verdict === 'real')
    assert.equal(
      real.map(({ modulus }) => Math.round(modulus * 100)),
      [98, 90]
    )
    for (const mode of modes!) {
      if (mode.verdict === 'spurious') assert.ok(mode.residual > 0.9, `${mode.residual}`)
      else assert.ok(mode.residual < Math.max(3 * noise, 1e-6), `${noise}: ${mode.residual}`)
    }
  }
})

spectra('a pure, a damped and a growing oscillation in one weight come out by delays', () => {
  for (const modulus of [1, 0.99, 1.003]) {
    for (const noise of [0, 1e-3, 1e-2]) {
      for (const delays of [5, 15]) {
        const normal = gaussian(3)
        const path = Array.from({ length: 401 }, (_, t) => [
          modulus ** t * Math.cos(0.3 * t) + noise * normal(),
        ])
        for (const modes of [2, 10]) {
          const values = lastOf(frames([path]), { svd: false, koopman: { delays, modes } })
          const what = `${modulus}, noise ${noise}, ${delays} delays, ${modes} modes`
          const [first] = values.modes!
          near(first!.modulus, modulus, 1e-3, what)
          near(first!.frequency * 2 * Math.PI, 0.3, 1e-3, what)
          const real = values.modes!.filter(({ verdict }) => verdict === 'real')
          assert.is(real.length, 1, what)
        }
      }
    }
  }
  const straight = Array.from({ length: 401 }, (_, t) => [Math.cos(0.3 * t)])
  const blind = lastOf(frames([straight]), { svd: false })
  assert.is(blind.modes![0]!.frequency, 0, 'one position is not the state')
})

spectra('delays find a momentum that one direction does not show', () => {
  // Heavy ball on a quadratic: eigenvalues of x'' = (1 + β - ηh) x' - β x.
  const [beta, eta] = [0.9, 0.05]
  const path: Row[] = [[1], [1]]
  while (path.length < 300) {
    const [x, before] = [path.at(-1)![0]!, path.at(-2)![0]!]
    path.push([(1 + beta - eta) * x - beta * before])
  }
  const half = (1 + beta - eta) / 2
  const values = lastOf(frames([path]), { koopman: { delays: 1 } })
  near(values.modes![0]!.modulus, Math.sqrt(beta), 1e-9)
  near(Math.cos(values.modes![0]!.frequency * 2 * Math.PI) * Math.sqrt(beta), half, 1e-9)
})

spectra('are per step of the trainer, whatever is recorded', () => {
  const run = runOf(blocks([0.99, 0.1], 0.97), { steps: 400 })
  const values = lastOf(frames([run]), {}, { select: { every: 4 } })
  assert.is(values.spacing, 4)
  const mode = values.modes![0]!
  near(mode.modulus, 0.99 ** 4, 1e-9)
  near(mode.rate, Math.log(0.99), 1e-9)
  near(mode.frequency * 2 * Math.PI, 0.1, 1e-9)
})

spectra('of a window are those of its last steps, of what is forgotten those of late ones', () => {
  const early = runOf(blocks(0.9, 0.8), { steps: 300, noise: 1e-2 })
  const late = runOf(blocks(0.99, 0.5), { steps: 500, noise: 1e-2, start: [0, 0] })
  const run = [...early, ...late.slice(1)]
  for (const koopman of [{ window: 320 }, { forget: 0.99 }]) {
    const values = lastOf(frames([run]), { koopman })
    // Of n steps near 1: the bias of least squares is 4 / n, the deviation √(2 (1 - λ) / n).
    near(values.modes![0]!.modulus, 0.99, 0.06, JSON.stringify(koopman))
    near(values.modes!.at(-1)!.modulus, 0.5, 0.2, JSON.stringify(koopman))
    if ('window' in koopman) {
      assert.ok(values.window![0] >= 480 && values.window![0] <= 500, `${values.window}`)
      assert.ok(values.pairs > 290 && values.pairs <= 320)
    }
  }
  const whole = lastOf(frames([run]))
  assert.ok(whole.changed > 3 * whole.changedByChance, 'and the whole says that it changed')
})

spectra(
  'a window holds at most the steps that were asked for, and three quarters of them at least',
  () => {
    const shares: number[] = []
    for (const [window, delays] of [
      [32, 0],
      [35, 0],
      [40, 0],
      [89, 9],
    ] as const) {
      const run = runOf(blocks(0.99, 0.9), { steps: 120, noise: 1e-2 })
      const koopman = { window, delays, modes: 2, resamples: 0 }
      const said = saidOf(frames([run]), { svd: { rank: 2 }, koopman }, { block: 1 })
      shares.push(...said.slice(window + delays).map(({ pairs }) => pairs / window))
    }
    assert.ok(Math.max(...shares) <= 1, `${Math.max(...shares)}`)
    assert.ok(Math.min(...shares) > 0.75, `${Math.min(...shares)}`)
    assert.ok(Math.min(...shares) < 0.8, 'a sentence of the option says so')
  }
)

spectra('a window is summed anew: what was huge before it leaves no trace', () => {
  const run = runOf(blocks(0.9, 0.8), { steps: 600, noise: 1e-4, start: [1e6, 1e6] })
  const values = lastOf(frames([run]), { svd: false, koopman: { window: 256, modes: 2 } })
  const alone = lastOf(frames([run.slice(values.window![0])]), {
    svd: false,
    koopman: { modes: 2 },
  })
  values.modes!.forEach(({ modulus }, i) => {
    // Positions that far from the start are known to 4e-9.
    near(modulus, alone.modes![i]!.modulus, 1e-6)
  })
})

spectra('begin anew after a gap, along directions; weights go on from the next anchor', () => {
  const run = runOf(blocks(0.99, 0.9), { steps: 300 })
  const stream = frames([run]).filter((frame) => frame.kind !== 'delta' || frame.step !== 200)
  const values = lastOf(stream)
  assert.equal(values.window, [201, 300])
  near(values.modes![0]!.modulus, 0.99, 1e-8)
  const weights = lastOf(stream, { svd: false, koopman: { modes: 2 } })
  assert.equal(weights.window, [0, 199], 'positions are not known without an anchor')
})

spectra('leave out steps that are not evenly spaced', () => {
  const run = runOf(blocks(0.99, 0.9), { steps: 300 })
  const stream = frames([run]).map((frame) =>
    frame.kind === 'delta' && frame.step > 100
      ? { ...frame, step: frame.step + 3, base: frame.step + (frame.step === 101 ? -1 : 2) }
      : frame
  )
  const values = lastOf(stream)
  assert.is(values.uneven, 1)
  near(values.modes![0]!.modulus, 0.99, 1e-9)
  assert.equal(values.window, [0, 303])
})

spectra('of pooled members along directions are those of the weights', () => {
  const map = blocks([0.97, 0.4], 0.9, 0.7)
  const starts = [
    [1, 0.5, 1, 1],
    [0.9, 0.7, 1.2, 1.1],
    [1.1, 0.4, 0.7, 0.8],
  ]
  const members = starts.map((start) => runOf(map, { steps: 160, start, noise: 1e-3, rows: 4 }))
  const stream = frames(members)
  for (const intercept of [true, false]) {
    const own = { pool: true, intercept, modes: 4 }
    const along = lastOf(stream, { koopman: own }, { block: 8 })
    const weights = lastOf(stream, { svd: false, koopman: own })
    assert.is(along.pairs, weights.pairs)
    along.eigenvalues!.forEach(([re, im], i) => {
      near(re, weights.eigenvalues![i]![0], 1e-6, `intercept ${intercept}`)
      near(im, weights.eigenvalues![i]![1], 1e-6)
    })
  }
})

spectra('a member that is alone is followed as it is projected', () => {
  const stream = frames([runOf(blocks(0.99, 0.9, 0.5), { steps: 160, noise: 1e-3 })])
  const one = lastOf(stream, {}, { block: 8 })
  const projected = lastOf(stream, { koopman: { pool: true } }, { block: 8 })
  one.eigenvalues!.forEach(([re], i) => {
    near(re, projected.eigenvalues![i]![0], 1e-9)
  })
})

spectra('of a sketch are those of the model, since a fold is linear', () => {
  const run = runOf(blocks(0.99, 0.8), { steps: 60, rows: 70_000 })
  const values = lastOf(frames([run], 'f32'), { svd: { tier: 'sketch', storage: 'f32', rank: 2 } })
  near(values.modes![0]!.modulus, 0.99, 1e-4)
  near(values.modes![1]!.modulus, 0.8, 1e-4)
})

spectra('say how much left the basis when it turned', () => {
  // Twenty directions of equal noise, of which the svd keeps four.
  const run = runOf(blocks(...Array(20).fill(0.9)), { steps: 400, noise: 1 })
  const values = lastOf(frames([run]), { svd: { rank: 2, columns: 4, storage: 'f32' } })
  assert.ok(values.lost > 0.03, `${values.lost}`)
  assert.ok(values.captured < 0.5, `${values.captured}`)
  const all = lastOf(frames([run]), { svd: { rank: 16, columns: 32, storage: 'f32' } })
  assert.ok(all.lost < 1e-6, `${all.lost}`)
})

spectra('absolute weights need an anchor, and say so', () => {
  const run = runOf(blocks(0.9), { steps: 40, rows: 3 })
  const bare = frames([run]).filter(({ kind }) => kind !== 'anchor')
  assert.throws(
    () => lastOf(bare, { svd: false, koopman: { intercept: false } }),
    /works on absolute weights/
  )
})

spectra('options that do not go together are refused', () => {
  const stream = frames([runOf(blocks(0.9), { steps: 4, rows: 3 })])
  assert.throws(
    () => lastOf(stream, { koopman: { window: 64, forget: 0.9 } }),
    /forgets on its own/
  )
  assert.throws(
    () => lastOf(stream, { koopman: { window: 64, delays: 10 } }),
    /too few for 10 delays/
  )
  assert.throws(
    () => lastOf(stream, { koopman: { coordinates: 'weights' } }),
    /need no other stage/
  )
  assert.throws(
    () => lastOf(frames([runOf(blocks(0.9), { steps: 4, rows: 600 })]), { svd: false }),
    /600 weights at 2 successive steps are 1200 numbers, at most 1024/
  )
  assert.throws(() => lastOf(stream, { koopman: { on: [] } }), /reads "gram"/)
  assert.throws(
    () => lastOf(stream, { svd: false, koopman: { member: 1 } }),
    /member 1 has no positions/
  )
})

spectra.run()
