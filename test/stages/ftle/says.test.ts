import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { says } from '../../../src/stages/ftle/says.ts'
import { type FtleValues, ftleAlerts, ftleFigures } from '../../../src/stages/ftle/spec.ts'
import { type Verdict, verdicts } from '../../../src/stages/ftle/verdict/names.ts'
import { analysed, orbit, type State, stream } from './members.ts'

const sentences = suite('what ftle says')

const told = (verdict: Verdict, more: Partial<FtleValues> = {}): string[] =>
  says({
    method: 'twin',
    sees: '',
    verdict,
    latest: verdict,
    evidence: 200,
    exponents: [0.31],
    intervals: [[0.28, 0.34]],
    window: [10, 210],
    windows: [[10, 210]],
    efoldings: 62,
    ...more,
  }).map(({ text }) => text)

sentences('name rate, interval and steps of what was read', () => {
  assert.equal(told('chaotic'), [
    'Nearby runs move apart exponentially over steps 10 to 210, at 0.31 per step (95 %: 0.28 to 0.34). The growth is spread over that stretch, does not depend on how far apart they are, and lasts; later steps may still converge.',
  ])
  assert.match(told('contracting', { intervals: [null] })[0]!, /210, at 0\.31 per step, from the/)
  assert.match(told('expanding')[0]!, /by 62 e-foldings over steps 10 to 210, but not all/)
})

sentences('claim chaos under one verdict alone', () => {
  for (const verdict of verdicts) {
    const [first] = told(verdict)
    if (verdict !== 'chaotic') assert.not.match(first!, /^Nearby runs move apart exponentially/)
    if (verdict === 'diverging') assert.match(first!, /that is divergence, not chaos\.$/)
  }
})

sentences('of one run alone say nothing of its neighbours', () => {
  const local: Partial<FtleValues> = {
    method: 'local-linear',
    spectral: [0.02],
    spectralIntervals: [[0.01, 0.03]],
  }
  const [growing] = told('expanding', local)
  assert.match(
    growing!,
    /at 0\.020 per step .* One run cannot show whether a neighbour would move away from it/
  )
  const [settling] = told('contracting', local)
  assert.match(settling!, /^The run settles .* in which it moves by itself\.$/)
})

sentences(
  "give no window or rate of a look that says otherwise, and name that look's verdict",
  () => {
    const [first, second] = told('chaotic', { latest: 'contracting' })
    assert.match(first!, /^Over 200 steps earlier on nearby runs moved apart exponentially/)
    assert.not.match(first!, /0\.31|10 to 210/)
    assert.match(second!, /^The last look alone says "contracting"/)
    // What says that nothing was seen needs no second sentence.
    assert.is(told('insufficient', { latest: 'expanding' }).length, 1)
  }
)

sentences('of what is neutral say which of two things was seen', () => {
  assert.match(
    told('neutral', { efoldings: 0.4 })[0]!,
    /by less than a factor e over steps 10 to 210/
  )
  const [power] = told('neutral', { efoldings: 4, powerLawExponent: 1.02 })
  assert.match(
    power!,
    /^The distance between nearby runs grows as a power of time over steps 10 to 210, about t\^1\.0,/
  )
  assert.match(told('neutral', { latest: 'expanding' })[0]!, /has shown so far/)
})

sentences('warn of divergence, and of nothing else', () => {
  const levels = verdicts.filter((verdict) => {
    const values = { verdict, latest: verdict, method: 'twin' } as FtleValues
    return says(values)[0]!.level === 'warn'
  })
  assert.equal(levels, ['diverging'])
  assert.is(ftleAlerts.diverging.level, 'warn')
})

sentences('fit what streams show', () => {
  const of = (rate: number): string => {
    const from = (start: State) => orbit(start, 200, ([x, y]) => [rate * x!, y!])
    const { last } = analysed(stream([from([1, 1]), from([1.0001, 1])]))
    return says(last as unknown as FtleValues)[0]!.text
  }
  assert.match(of(0.95), /^Nearby runs move together over steps .*, at -0\.051 per step/)
  assert.match(
    of(1),
    /^The distance between nearby runs changes by less than a factor e over steps .* be distinguished from none/
  )
})

sentences('explain every verdict in a sentence of its own', () => {
  const { words } = ftleFigures.verdict
  assert.equal(Object.keys(words), verdicts)
  assert.is(new Set(Object.values(words)).size, verdicts.length)
})

sentences.run()
