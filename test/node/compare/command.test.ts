import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { streamOf } from '../../../experiments/equivalence/stream.ts'
import { Random } from '../../../src/node/train/random.ts'
import { joined } from '../../../src/wire/joined.ts'
import { stream } from '../../support/stream.ts'
import { thalweg } from '../../support/thalweg.ts'
import { lineOf, type Points, recording, released, type Told, temporary } from './support.ts'

const command = suite('thalweg compare')
const { folder, put, remove } = temporary()
command.after(remove)

const json = async (...args: string[]) => {
  const { code, stdout, stderr } = await thalweg(['compare', ...args, '--json'])
  assert.ok(stdout !== '', stderr)
  return { code, told: JSON.parse(stdout) as Told }
}
const names = ['omd', 'ogd', 'bisection'] as const
const stored = names.map((name) => put(`${name}.ndjson`, lineOf(name, released[name])))

/** Distance, p of the swaps and verdict of each pair, as the released spectra have them. */
const pairs = [
  [['omd', 'ogd'], 0.008073, 0.125, 'not shown'],
  [['omd', 'bisection'], 0.746023, 1 / 512, 'different'],
  [['ogd', 'bisection'], 0.753449, 1 / 512, 'different'],
] as const

command(
  'W0: released spectra: their distances, the exact control, and the right calls',
  async () => {
    const { code, told } = await json(...stored, '--gate', '--tolerance', '0.01')
    assert.is(code, 4)
    pairs.forEach(([groups, distance, p, verdict], i) => {
      const own = told.comparisons[i]!
      assert.equal(own.groups, groups)
      assert.ok(Math.abs(own.between - distance) < 1e-6, `${own.between} for ${distance}`)
      assert.equal(own.swaps, { p, swaps: 512 })
      assert.is(own.test, undefined, 'one run a side has no test')
      assert.is(own.verdict, verdict)
    })
  }
)

command('of few eigenvalues no swaps can tell, and nothing is said', async () => {
  const three = (run: string, points: Points): string => put(`${run}.ndjson`, lineOf(run, points))
  const slow = three('slow', [
    [0.99, 0],
    [0.95, 0],
    [0.8, 0],
  ])
  const fast = three('fast', [
    [0.97, 0],
    [0.9, 0],
    [0.6, 0],
  ])
  const { told } = await json(slow, fast)
  assert.equal(told.comparisons[0]!.swaps, { p: 1, swaps: 4 })
  assert.is(told.comparisons[0]!.verdict, 'undecided')
  assert.match(told.verdicts[0]!.says, /One run each is not enough to tell more/)
})

command('the gate lets through what is as near as it may be', async () => {
  const pair = stored.slice(0, 2)
  const near = await thalweg(['compare', ...pair, '--gate', '--tolerance', '0.01'])
  assert.is(near.code, 0)
  assert.match(near.stdout, /No difference between omd and ogd is shown/)
  assert.match(near.stdout, /no test of runs/)
  const strict = await thalweg(['compare', ...pair, '--gate', '--tolerance', '0.001'])
  assert.is(strict.code, 4)
})

command('from streams: the same to 1e-5, by the pipeline that is named', async () => {
  const recorded = names.map((name) => put(`${name}.thalweg`, joined([...streamOf(name)])))
  const pipeline = ['--pipeline', 'experiments/equivalence/pipeline.json']
  const { told } = await json(...recorded, ...pipeline)
  told.comparisons.forEach((own, i) => {
    const { groups, between, swaps, verdict, windows } = own
    const [pair, distance, p, expected] = pairs[i]!
    assert.equal(groups, pair)
    assert.ok(Math.abs(between - distance) < 1e-5, `${between} for ${distance}`)
    assert.equal(swaps, { p, swaps: 512 })
    assert.is(verdict, expected)
    assert.is(windows, undefined, 'absolute weights are not known from the middle on')
  })
})

/** Spectra of runs that scatter, moved by so much. */
function replicates(seed: number, count: number, shift: number): Points[] {
  const random = new Random(seed, 0)
  return Array.from({ length: count }, () =>
    [0.6, 0.7, 0.8, 0.9].map((re) => [re + shift + 0.001 * random.normal(), 0] as const)
  )
}

command('runs of a group that have one name are told apart by their files', async () => {
  for (const name of ['one', 'two']) mkdirSync(join(folder, 'alike', name), { recursive: true })
  const [spectrum, ...others] = replicates(3, 3, 0)
  put('alike/one/0.ndjson', lineOf('recipe', spectrum!))
  const files = others.map((points, i) => put(`alike/two/${i}.ndjson`, lineOf('recipe', points)))
  const { told } = await json(join(folder, 'alike'))
  assert.equal(
    told.map!.runs.map(({ run }) => run),
    ['recipe', ...files]
  )
})

command('folders are groups; replicates are tested, exactly where that can be done', async () => {
  for (const [name, shift] of Object.entries({ before: 0, same: 0, after: 0.01 })) {
    mkdirSync(join(folder, 'runs', name), { recursive: true })
    replicates(name.length * 7, 5, shift).forEach((points, i) => {
      put(`runs/${name}/${i}.ndjson`, lineOf(`run ${i}`, points))
    })
  }
  const { told } = await json(join(folder, 'runs'))
  assert.equal(
    told.comparisons.map(({ groups, verdict }) => [groups.join(), verdict]),
    [
      ['after,before', 'different'],
      ['after,same', 'different'],
      ['before,same', 'not shown'],
    ]
  )
  const [own] = told.comparisons
  assert.equal(own!.runs, [5, 5])
  assert.equal(own!.test, { p: 2 / 252, least: 2 / 252, permutations: 252, exact: true })
  assert.match(told.verdicts[0]!.says, /times as far .* \(p = 0\.00794, all 252 permutations\)/)
  const gate = (other: string) =>
    thalweg(['compare', join(folder, 'runs/before'), join(folder, 'runs', other), '--gate'])
  assert.is((await gate('after')).code, 4)
  assert.is((await gate('same')).code, 0)
})

command('too few replicates are told so, with the least p that they can give', async () => {
  const files = ['few', 'others'].map((name, i) => {
    const runs = replicates(1, 3, i).map((own, k) => lineOf(`${name} ${k}`, own))
    return put(`${name}.ndjson`, runs.join(''))
  })
  const { told } = await json(...files)
  assert.is(told.comparisons[0]!.verdict, 'undecided')
  assert.match(told.verdicts[0]!.says, /3 runs and 3 are too few .* at least 0\.100; 5 a side/)
  const gate = await thalweg(['compare', ...files, '--gate', '--tolerance', '0.5'])
  assert.is(gate.code, 4, 'the gate goes by the distance where there is no test')
})

command('copies of a run are one run', async () => {
  const line = lineOf('copy', released.omd)
  for (const name of ['copies', 'others']) mkdirSync(join(folder, name), { recursive: true })
  for (let i = 0; i < 5; i++) {
    put(`copies/${i}.ndjson`, line)
    put(`others/${i}.ndjson`, lineOf('other', released.ogd))
  }
  const args = ['compare', join(folder, 'copies'), join(folder, 'others'), '--json']
  const { stdout, stderr } = await thalweg(args)
  const [own] = (JSON.parse(stdout) as Told).comparisons
  assert.equal(own!.runs, [1, 1])
  assert.is(own!.test, undefined, 'five times five copies would give p = 0.008')
  assert.match(stderr, /"\S*copies\/4\.ndjson" is the same run as "\S*copies\/0\.ndjson"/)
})

command('groups by name: globs of paths and of names of runs', async () => {
  const runs = put('all.ndjson', names.map((name) => lineOf(name, released[name])).join(''))
  const { told } = await json(runs)
  assert.is(told.comparisons.length, 3, 'without rules the names of runs are groups')
  const grouped = await json(runs, '--group', 'online=o*', '--group', 'root=bis*')
  assert.equal(grouped.told.comparisons[0]!.groups, ['online', 'root'])
  assert.equal(grouped.told.comparisons[0]!.runs, [2, 1])
  const none = await thalweg(['compare', runs, '--group', 'x=nothing*'])
  assert.is(none.code, 2)
  assert.match(none.stderr, /takes no run.* such as ".*all\.ndjson" and "omd"/)
  const files = ['h5-lr0.1.ndjson', 'h40-lr0.1.ndjson'].map((name) =>
    put(name, lineOf('run', released.omd))
  )
  const sizes = await json(...files, '--group', 'small=**/h5-*', '--group', 'large=**/h40-*')
  assert.equal(sizes.told.comparisons[0]!.groups, ['small', 'large'])
})

command('what cannot be compared is refused with the reason, and what can is offered', async () => {
  const refused = async (values: object, ...args: string[]) => {
    const other = put('other.ndjson', lineOf('other', released.ogd, values))
    return thalweg(['compare', stored[0]!, other, ...args])
  }
  const spacing = await refused({ spacing: 2 })
  assert.is(spacing.code, 65)
  assert.match(spacing.stderr, /recorded every 1 and every 2, .* --plane ln .*\[E_COMPARE\]/s)
  assert.is((await refused({ spacing: 2 }, '--plane', 'ln')).code, 0)
  const delays = await refused({ delayed: 8 })
  assert.match(delays.stderr, /"Delays" is 4 and 8/)
  assert.is((await refused({ delayed: 8 }, '--across')).code, 0)
  assert.match((await refused({}, '--weights', 'energy')).stderr, /--weights equal/)
})

command(
  'other networks are refused, and compared by spectra and maps where that is wanted',
  async () => {
    const runs = [300, 400].map((rows) => put(`${rows}.thalweg`, stream({ steps: 120, rows })))
    const plain = await thalweg(['compare', ...runs])
    assert.is(plain.code, 65)
    assert.match(plain.stderr, /"dense.weight" \[300\] and "dense.weight" \[400\].*--across/)
    const { told } = await json(...runs, '--across')
    assert.ok(told.comparisons.some(({ figure }) => figure.startsWith('path')))
  }
)

command('windows of each run stand beside a distance: both halves of a recording', async () => {
  const recorded = [300, 301].map((steps) => put(`r${steps}.thalweg`, stream({ steps })))
  const { told } = await json(...recorded)
  const own = told.comparisons.find(({ figure }) => figure.includes('eigenvalues'))!
  assert.ok(own.windows! >= 0)
  const sparse = [120, 121].map((steps) =>
    put(`s${steps}.thalweg`, recording(`${steps}`, { steps, spacing: 10 }))
  )
  const spread = (await json(...sparse)).told.comparisons
  const halved = spread.find(({ figure }) => figure.includes('eigenvalues'))!
  assert.ok(halved.windows! > 0 && halved.windows! < 0.2, `${halved.windows}: halved by numbers`)
  const window = (from: number, to: number, points: Points, run: string) =>
    lineOf(run, points, { window: [from, to] }).replace('"frames":100', `"frames":${to}`)
  const moved: Points = released.omd.map(([re, im]) => [re + 0.02, im])
  const files = ['a', 'b'].map((run, i) =>
    put(
      `${run}.ndjson`,
      window(0, 50, released.omd, run) +
        window(20, 70, [[9, 9]], run) +
        window(51, 99, i === 0 ? moved : released.omd, run)
    )
  )
  const windowed = (await json(...files)).told.comparisons[0]!
  assert.ok(Math.abs(windowed.windows! - 0.01) < 1e-12, 'mean of 0.02 and 0, the overlap left out')
  assert.ok(Math.abs(windowed.between - 0.02) < 1e-12)
})

command('a run that goes on for longer is compared over the steps that both have', async () => {
  const moved: Points = released.omd.map(([re, im]) => [re + 0.02, im])
  const line = (run: string, steps: number, points: Points): string =>
    lineOf(run, points, { window: [0, steps] }).replace('"frames":100', `"frames":${steps}`)
  const short = put('short.ndjson', line('short', 50, released.omd))
  const long = put('long.ndjson', line('long', 50, released.omd) + line('long', 99, moved))
  const { told } = await json(short, long)
  assert.is(told.comparisons[0]!.between, 0)
  assert.is(told.comparisons[0]!.verdict, 'not shown')
  assert.match(told.verdicts[0]!.says, /over the 50 steps that all runs have, they are 0 apart/)
  const last = (run: string, from: number, points: Points): string =>
    lineOf(run, points, { window: [from, from + 40] }).replace('100', `${from + 40}`)
  const windows = [
    put('early.ndjson', last('early', 0, moved) + last('early', 40, released.omd)),
    put(
      'on.ndjson',
      [moved, released.omd, moved].map((own, i) => last('on', 40 * i, own)).join('')
    ),
  ]
  const moving = (await json(...windows)).told.comparisons[0]!
  assert.is(moving.between, 0, 'a window that moves is compared where both have been')
  const later = put('later.ndjson', line('later', 99, moved))
  const refused = await thalweg(['compare', short, later])
  assert.is(refused.code, 65)
  assert.match(refused.stderr, /of 50 and of 99 steps, .* --across/)
  const across = await json(short, later, '--across')
  assert.ok(Math.abs(across.told.comparisons[0]!.between - 0.02) < 1e-12)
})

command(
  'names that a wrapper has made longer, and another order, are the same network',
  async () => {
    const steps = 60
    const names = ['a.weight', 'a.bias', 'b.weight']
    const kept = (run: string, tensors: readonly string[], frozen?: readonly string[]) =>
      put(`${run}.thalweg`, recording(run, { steps, tensors, frozen }))
    const plain = kept('plain', names)
    const wrapped = kept(
      'wrapped',
      names.map((name) => `module._orig_mod.${name}`)
    )
    const same = (await json(plain, wrapped)).told
    assert.equal(same.refused, [])
    for (const { between } of same.comparisons) assert.ok(between < 1e-7, `${between}`)
    const turned = kept('turned', names.toReversed())
    const { told } = await json(plain, turned)
    for (const { between } of told.comparisons) assert.ok(between < 1e-7, `${between}`)
    assert.ok(told.comparisons.some(({ figure }) => figure === 'path layers'))
    assert.equal(
      told.refused.map(({ figure }) => figure),
      ['koopman eigenvalues, with modes', 'koopman eigenvalues, span of modes']
    )
    const held = await json(plain, kept('held', names, ['a.bias']))
    assert.match(held.told.refused[0]!.refused, /Other tensors of them are trained/)
  }
)

command('says which run has no figure, and why', async () => {
  const runs = [60, 2].map((steps) => put(`t${steps}.thalweg`, recording(`t${steps}`, { steps })))
  const { code, stderr } = await thalweg(['compare', ...runs])
  assert.is(code, 65)
  assert.match(stderr, /by koopman eigenvalues; .*Run "t2" of ".*" has none: 2 pairs of positions/)
  assert.match(stderr, /by path layers. Of their rows, 3 and 3, 3 are the same, .* 4 and 1, 1/)
})

command('a run that is not sound keeps no others from being compared', async () => {
  const steps = 60
  const runs = ['one', 'two'].map((run) => put(`${run}.thalweg`, recording(run, { steps })))
  const broken = put('broken.thalweg', recording('broken', { steps, nan: 40 }))
  const { code, told } = await json(...runs, broken, '--gate')
  assert.is(code, 4, 'not all pairs could be compared')
  assert.equal(told.comparisons[0]!.groups, ['one', 'two'])
  assert.match(told.refused[0]!.refused, /file ".*broken\.thalweg", at byte .* step 40: .* NaN/)
  const zipped = await thalweg(['compare', runs[0]!, put('one.gz.thalweg', gzipSync('stream'))])
  assert.is(zipped.code, 65)
  assert.match(zipped.stderr, /one\.gz\.thalweg", .*gzip/)
})

command('says what is missing', async () => {
  const said = async (...args: string[]) => (await thalweg(['compare', ...args])).stderr
  assert.match(await said(), /Give two files or folders/)
  assert.match(await said('nowhere'), /"nowhere" is not there/)
  assert.match(await said(stored[0]!), /all runs are in one group, "omd"/)
  assert.match(await said(stored[0]!, put('zero.thalweg', '')), /zero\.thalweg" holds no run/)
  assert.match(await said(stored[0]!, '--group', 'x'), /Write name=glob/)
})

command.run()
