import { keyFigures } from '../model/key-figures.ts'
import { isKnown, numberOf, told } from '../model/numbers.ts'
import type { Picture, RunPicture } from '../model/picture.ts'
import { sectionsOf, wholes } from '../model/subject.ts'
import { drawAll, forgetCharts } from './charts.ts'
import { comparison, nameOf as runName } from './compare.ts'
import { compared } from './compared.ts'
import { h, morph } from './dom.ts'
import { firstScreen } from './first.ts'
import { keyTable } from './key-figures.ts'
import { made } from './made.ts'
import { sectionOf } from './section.ts'

/** The number of the run that is shown. Undefined if all runs are shown side by side. */
let chosen: number | undefined
let shown: Picture | undefined

/** Shows a picture on the page. What has not changed stays: scroll position, focus, open details. */
export function show(picture: Picture): void {
  forgetCharts()
  const root = document.getElementById('page')!
  const next = h('div', { id: 'page' }, contentOf(picture) ?? waiting())
  morph(root, next)
  if (!shown) listen(root)
  shown = picture
  drawAll(root)
}

function waiting(): HTMLElement {
  return h('p', { class: 'quiet' }, 'Nothing has come yet.')
}

function contentOf(picture: Picture): HTMLElement[] | undefined {
  const { runs } = picture
  if (picture.compared) {
    const heads = [h('h1', {}, picture.compared.groups.join(' · '))]
    return framed(heads, [], compared(picture.compared))
  }
  if (runs.length === 0) return undefined
  const run = runs.length === 1 ? runs[0] : runs.find(({ number }) => number === chosen)
  const body = run ? runBody(picture, run) : comparison(picture)
  const heads = run ? headOf(picture, run) : [h('h1', {}, `${picture.came} runs`)]
  return framed(heads, runLinks(picture), body)
}

function framed(heads: HTMLElement[], links: HTMLElement[], body: HTMLElement[]): HTMLElement[] {
  return [
    h('header', { class: 'top' }, heads, themeSwitch()),
    h('nav', { 'aria-label': 'Page' }, links, sectionLinks(body)),
    h('main', { id: 'main' }, body),
  ]
}

function runBody(picture: Picture, run: RunPicture): HTMLElement[] {
  const sections = sectionsOf(picture, run)
  const id = `run-${run.number}`
  const speaking = sections.flatMap((subjects) =>
    subjects.filter(
      ({ scope }, i) =>
        (i === 0 && subjects.length === 1) || scope.said.some(({ level }) => level !== 'info')
    )
  )
  const key = keyTable(keyFigures(wholes(picture, run)))
  return [
    firstScreen(run, `${id}-overview`, speaking),
    ...(key ? [key] : []),
    ...sections.filter((subjects) => subjects.length > 0).map(sectionOf),
    made(run, picture, `${id}-made`),
  ]
}

function headOf(picture: Picture, run: RunPicture): HTMLElement[] {
  const { values } = run.end ?? { values: {} }
  const figures = picture.told.run?.figures ?? {}
  const facts = ['parameters', 'tensors', 'members'].flatMap((name) => {
    const figure = figures[name]
    const value = values[name]
    if (!figure || !isKnown(value)) return []
    const noun = figure.title.toLowerCase()
    return [`${numberOf(figure, value)} ${value === 1 ? noun.replace(/s$/, '') : noun}`]
  })
  const end =
    typeof values.end === 'string'
      ? [`to step ${told(run.step)}`, values.end]
      : [`step ${told(run.step)}`]
  return [h('h1', {}, run.run), h('p', { class: 'quiet' }, [...facts, ...end].join(' · '))]
}

function themeSwitch(): HTMLElement {
  return h('button', { type: 'button', class: 'link', 'data-action': 'theme' }, 'Light or dark')
}

function runLinks({ runs }: Picture): HTMLElement[] {
  if (runs.length === 1) return []
  const isOne = runs.some(({ number }) => number === chosen)
  return [
    h(
      'div',
      { class: 'runs' },
      runButton('Comparison', undefined, !isOne),
      runs.map((run, i) => runButton(runName(run, i, runs), run.number, run.number === chosen))
    ),
  ]
}

function runButton(name: string, number: number | undefined, isPressed: boolean): HTMLElement {
  const run = { 'data-action': 'run', 'data-run': number ?? 'all' }
  return h('button', { type: 'button', class: 'tab', ...run, 'aria-pressed': `${isPressed}` }, name)
}

function sectionLinks(body: readonly HTMLElement[]): HTMLElement {
  return h(
    'div',
    { class: 'links' },
    body.flatMap((section) => {
      const name = section.querySelector('h2')?.textContent
      return name === undefined ? [] : [h('a', { href: `#${section.id}` }, name)]
    })
  )
}

/** Listens on the whole page, because its elements come and go. */
function listen(root: HTMLElement): void {
  root.addEventListener('click', ({ target }) => {
    const button = (target as Element).closest<HTMLElement>('[data-action]')
    if (button?.dataset.action === 'theme') {
      const dark = getComputedStyle(document.documentElement).colorScheme.includes('dark')
      document.documentElement.dataset.theme = dark ? 'light' : 'dark'
      drawAll(root)
    }
    if (button?.dataset.action === 'run') {
      const { run } = button.dataset
      chosen = run === 'all' ? undefined : Number(run)
      show(shown!)
    }
  })
  root.addEventListener('toggle', ({ target }) => drawAll(target as HTMLElement), true)
}
