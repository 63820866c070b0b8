import type { Picture } from '../model/picture.ts'
import { drawAll } from './charts.ts'
import { goLive } from './live.ts'
import { show } from './page.ts'

const picture = JSON.parse(document.getElementById('picture')!.textContent!) as Picture
show(picture)
const { live } = document.documentElement.dataset
if (live !== undefined) goLive(picture, live)

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => drawAll())
// For printing, the theme is light and all details are open.
let before: string | undefined
let opened: HTMLDetailsElement[] = []
addEventListener('beforeprint', () => {
  before = document.documentElement.dataset.theme
  document.documentElement.dataset.theme = 'light'
  opened = [...document.querySelectorAll<HTMLDetailsElement>('details.how:not([open])')]
  for (const details of opened) details.open = true
  drawAll()
})
addEventListener('afterprint', () => {
  if (before === undefined) delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = before
  for (const details of opened) details.open = false
  drawAll()
})
