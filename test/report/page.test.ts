import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { htmlOf } from '../../src/sinks/report/html.ts'
import { noChromium } from '../runtimes/chromium.ts'
import { everyRun, everySummary, heard, metrics, onPage, reportOf, violations } from './support.ts'

const pages = suite(`the report's page${noChromium ? ` (skipped: ${noChromium})` : ''}`)
const test = noChromium ? pages.skip : pages

test('draws a figure of every kind, and says what each means and when it misleads', async () => {
  await onPage(reportOf(everyRun(400)), async (page) => {
    const titles = await page.locator('figure h3').allTextContents()
    const drawn = [
      'Ratio',
      'Size (m)',
      'Value (m) over the run',
      'Value (m) at step 400',
      'History (m)',
      'History (m), in the plane of the first two',
      'Eigenvalue',
      'Sizes',
      'Layers',
      'Modes',
      'Phases',
    ]
    for (const title of ['Loss', 'Alerts', ...drawn]) assert.ok(titles.includes(title), title)
    const rows = await page.locator('.list dt').allTextContents()
    assert.equal(rows, ['Things', 'Finding', 'Remark'])
    assert.match(
      (await page.locator('.sentences .text').first().textContent())!,
      'The ratio is 0.674'
    )
    for (const figure of await page.locator('.grid figure').all()) {
      assert.match((await figure.locator('details.how').textContent())!, /Shows.+Computed/)
      const marks = await figure.locator('svg *, canvas, td').count()
      assert.ok(marks > 0, (await figure.getAttribute('id'))!)
    }
  })
})

test('has no violation that axe-core knows, in both themes, with all details open', async () => {
  await onPage(reportOf(everyRun(400)), async (page) => {
    await page.evaluate(() => {
      for (const details of document.querySelectorAll('details')) details.open = true
    })
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      assert.equal(await violations(page), [])
    }
  })
})

test('fits its screen at 360, 800 and 1600 pixels', async () => {
  await onPage(reportOf(everyRun(400)), async (page) => {
    for (const width of [1600, 360, 800]) {
      await page.setViewportSize({ width, height: 900 })
      // Charts follow the width when the browser comes to it.
      const fits = () => document.documentElement.scrollWidth <= innerWidth
      await page.waitForFunction(fits, undefined, { timeout: 5000 }).catch(() => {})
      const wide = await page.evaluate(() => document.documentElement.scrollWidth)
      assert.ok(wide <= width, `${wide} at ${width}`)
    }
  })
})

test('moves one step line by the keyboard, through all charts', async () => {
  await onPage(reportOf(everyRun(400)), async (page) => {
    const sliders = page.getByRole('slider')
    await sliders.first().focus()
    await page.keyboard.press('Home')
    await page.keyboard.press('ArrowRight')
    const told = await sliders.evaluateAll((all) =>
      all.map((one) => one.getAttribute('aria-valuetext'))
    )
    assert.match(told[0]!, /^step 20: loss 0\.447/)
    assert.ok(told.filter((text) => text!.startsWith('step 20:')).length >= 4, told.join('; '))
    await page.keyboard.press('Escape')
  })
})

test('names rows and columns of a matrix too large to write out, square where both are the same', async () => {
  const steps = Array.from({ length: 20 }, (_, i) => 16 * i)
  const tensors = ['embed.weight', 'head.weight']
  const of = (rows: readonly (string | number)[]) => {
    const layers = { rows, columns: steps, values: rows.map(() => steps.map((step) => step / 7)) }
    return everySummary(10, { values: { ...everySummary(1).values, layers } })
  }
  for (const rows of [tensors, steps]) {
    await onPage(reportOf([of(rows)]), async (page) => {
      const map = page.locator('figure', { hasText: 'Rows: tensor' }).locator('svg').first()
      const names = await map.locator('text').allTextContents()
      for (const name of [rows[0]!, rows.at(-1)!, 0, 96])
        assert.ok(names.includes(`${name}`), `${names}`)
      const box = (await map.locator('rect.box').boundingBox())!
      assert.is(Math.round(box.width) === Math.round(box.height), rows === steps)
    })
  }
})

test('shows of many scopes the figures that are known of some', async () => {
  const unknown = { ...everySummary(1).values, ratio: null, ratioNull: null }
  const scopes = ['tensor:a', 'tensor:b'].map((scope) =>
    everySummary(10, { scope, values: unknown })
  )
  await onPage(reportOf(scopes), async (page) => {
    const titles = await page.locator('.layer-cell .quiet').allTextContents()
    assert.equal([...new Set(titles)], ['Size (m)', 'Value (m)'])
  })
})

test('draws an alert that stood when the run was loaded, and its sentence', async () => {
  const standing = [
    {
      alert: { id: 'rule/mine', level: 'error' as const, message: 'it holds' },
      scope: 'model',
      step: 64,
    },
  ]
  const listener = heard([])
  for (const step of [208, 224]) {
    const block = { summaries: [everySummary(step, { alerts: [] })] }
    listener.hearBlock(step === 208 ? { ...block, standing } : block)
  }
  await onPage(htmlOf(listener.picture), async (page) => {
    const alerts = page.locator('figure', { hasText: 'Alerts' })
    assert.is(await alerts.locator('svg .mark.error').count(), 1)
    assert.match(
      (await alerts.locator('li').textContent())!,
      'rule/mine (error) it holds; steps 64–208'
    )
    assert.match((await page.locator('.sentences').textContent())!, 'It holds.')
  })
})

test("draws the alert of a rule on the trainer's figures", async () => {
  const alerts = [{ id: 'rule/loss', level: 'warn' as const, message: 'the loss is large' }]
  const run = [everySummary(10, { alerts: [] }), metrics(10, { loss: 9 }, { alerts })]
  await onPage(reportOf(run), async (page) => {
    assert.match((await page.locator('.sentences').textContent())!, 'The loss is large.')
    assert.is(
      await page.locator('figure', { hasText: 'Alerts' }).locator('svg .mark.warn').count(),
      1
    )
  })
})

test('gives a table as CSV, where text does not compute', async () => {
  const run = [...everyRun(40), metrics(50, { loss: 1, '=1+1': 2 })]
  await onPage(reportOf(run), async (page) => {
    await page.locator('details.table summary').first().click()
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download as CSV' }).first().click(),
    ])
    const chunks: Buffer[] = []
    for await (const chunk of await file.createReadStream()) chunks.push(chunk as Buffer)
    const lines = Buffer.concat(chunks).toString().split('\r\n')
    assert.is(lines[0], "step,loss,accuracy,'=1+1")
    assert.is(lines[1], '10,0.63246,0.9,')
    assert.is(lines[5], '50,1,,2')
  })
})

test('shows the names of strangers as text', async () => {
  const bad = '"><img src=x onerror=pwned=1></script><script>pwned=1</script>\u001b[2J\u202e'
  const alerts = [{ id: bad, level: 'error' as const, message: bad }]
  const hostile = [
    everySummary(10, { run: bad, scope: bad, stage: bad, alerts }),
    everySummary(20, { run: bad, scope: '__proto__', stage: bad, alerts }),
    everySummary(20, {
      run: bad,
      stage: '__proto__',
      values: { ...everySummary(1).values, remark: bad },
    }),
    metrics(20, JSON.parse(`{"__proto__": 1, "constructor": 2, ${JSON.stringify(bad)}: 3}`), {
      run: bad,
    }),
  ]
  await onPage(reportOf(hostile), async (page) => {
    assert.is(await page.evaluate(() => (window as { pwned?: number }).pwned), undefined)
    assert.is(await page.locator('img').count(), 0)
    assert.match((await page.locator('h1').textContent())!, '<img src=x onerror=pwned=1>')
    assert.not.match((await page.locator('body').textContent())!, /\p{Bidi_Control}|\p{Cc}(?<!\n)/u)
  })
})

test('compares several runs, each beside its own null', async () => {
  const runs = ['a', 'b', 'c'].flatMap((run) => [...everyRun(200, run)])
  await onPage(reportOf(runs), async (page) => {
    assert.match(
      (await page.locator('main').textContent())!,
      'One run each: a difference between runs may be chance.'
    )
    assert.is(await page.locator('.compare thead th').count(), 3)
    assert.equal(await violations(page), [])
    await page.getByRole('button', { name: 'b', exact: true }).click()
    assert.is(await page.locator('h1').textContent(), 'b')
  })
})

test('draws the last 24 runs, and lists those before', async () => {
  const runs = Array.from({ length: 40 }, (_, i) => `run ${i + 1}`)
  const end = (run: string) =>
    everySummary(40, { run, stage: 'run', type: 'run', values: { end: 'closed' }, alerts: [] })
  const all = runs.flatMap((run) => [...everyRun(40, run), ...(run === 'run 7' ? [] : [end(run)])])
  await onPage(reportOf([...all, everySummary(50, { run: 'run 7' })]), async (page) => {
    assert.is(await page.locator('h1').textContent(), '40 runs')
    const rows = await page.locator('#all-runs tbody tr').allTextContents()
    assert.is(rows.length, 40)
    assert.is(rows[0], '40run 4040closedyes')
    assert.ok(rows.includes('3run 340closedno'), rows.join('; '))
    // It has not ended, so it is drawn still.
    assert.ok(rows.includes('7run 750runningyes'), rows.join('; '))
    assert.equal(await violations(page), [])
    await page.locator('#all-runs button', { hasText: 'run 39' }).click()
    assert.is(await page.locator('h1').textContent(), 'run 39')
  })
})

test('holds a run of 100,000 steps in 3 MB, and opens it in 2 s', async () => {
  function* long() {
    for (let step = 1; step <= 100_000; step++) {
      yield metrics(step, { loss: 1 + Math.sin(step), accuracy: step / 1e5 })
      if (step % 4 === 0) yield everySummary(step)
    }
  }
  const html = reportOf(long())
  assert.ok(html.length < 3e6, `${html.length} bytes`)
  await onPage(html, async (page) => {
    const ms = await page.evaluate(() => performance.now())
    assert.ok(ms < 2000, `${ms} ms`)
  })
})

pages.run()
