import { setTimeout as wait } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Store } from '../../src/edge/store.ts'
import { memoryStore } from '../../src/edge/stores/memory.ts'
import { random } from '../engine/frames.ts'
import { stream } from '../support/stream.ts'
import { ask, cut, edge, engineLines, post, randomPlaces } from './support.ts'

const storm = suite('two instances and a store that fails often')

const walk = stream({ steps: 24, members: 2, rows: 700 })
const whole = `${engineLines(walk).join('\n')}\n`

/** Fails before a call or after it, and denies heads that it has taken, so often. */
function failing(store: Store, often: number, next: () => number): Store {
  const happens = () => next() < 2 * often - 1
  return new Proxy(store, {
    get:
      (target, name) =>
      async (...parameters: never[]) => {
        await wait(next() + 1)
        if (happens()) throw new Error('the store is down')
        const given = await (Reflect.get(target, name) as (...all: never[]) => unknown)(
          ...parameters
        )
        if (happens()) throw new Error('the line is down')
        return name === 'compareAndSet' && happens() ? undefined : given
      },
  })
}

for (const [seed, stateBytes] of [1, 30_000, 2 ** 40].entries()) {
  storm(`give each piece its one answer, with state every ${stateBytes} bytes`, async () => {
    const next = random(seed + 1)
    const store = memoryStore()
    const instance = (often: number) =>
      edge(failing(store, often, next), { limits: { stateBytes } })
    const both = [instance(0.08), instance(0.08)]
    const pieces = cut(walk, randomPlaces(walk.length, 12, next))
    let text = ''
    for (let n = 0, tries = 0; n < pieces.length; tries++) {
      assert.ok(tries < 1000, `piece ${n} is never taken`)
      if (tries % 7 === 6) both[tries % 2] = instance(0.08)
      const answers = await Promise.all(both.map((fetch) => post(fetch, 'a', n, pieces[n]!)))
      const taken = answers.filter(({ status }) => status === 200)
      if (taken.length === 0) continue
      assert.is(new Set(taken.map((answer) => answer.text)).size, 1)
      text += taken[0]!.text
      n++
    }
    assert.is(text, whole)

    let status = 500
    for (let tries = 0; status >= 500; tries++) {
      assert.ok(tries < 1000, 'it is never deleted')
      status = (await ask(instance(0.3), '/runs/a', 'DELETE')).status
    }
    assert.ok([200, 404].includes(status))
    assert.is((await post(edge(store), 'a', 0, walk)).text, whole)
  })
}

storm.run()
