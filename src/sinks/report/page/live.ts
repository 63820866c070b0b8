import { addHeard } from '../model/add.ts'
import { told } from '../model/numbers.ts'
import type { Heard, Picture, Told } from '../model/picture.ts'
import { h } from './dom.ts'
import { show } from './page.ts'

const redrawMs = 1000

interface News {
  readonly told: readonly Told[]
  readonly heard: readonly Heard[]
}

/**
 * Updates the page with the events from this address. Redraws at most once a second, and keeps what is shown when the events
 * stop.
 */
export function goLive(first: Picture, address: string): void {
  let picture = first
  let isPaused = false
  let drawn = 0
  let waiting: ReturnType<typeof setTimeout> | undefined
  const bar = liveBar((paused) => {
    isPaused = paused
    if (!paused) draw()
  })

  const draw = (): void => {
    waiting = undefined
    drawn = performance.now()
    if (!isPaused) show(picture)
  }
  const redraw = (): void => {
    if (waiting !== undefined) return
    waiting = setTimeout(draw, Math.max(0, drawn + redrawMs - performance.now()))
  }
  const events = new EventSource(address)
  const on = (name: string, hear: (data: never) => void): void => {
    events.addEventListener(name, ({ data }) => hear(JSON.parse(data) as never))
  }
  on('news', ({ told: types, heard }: News) => {
    for (const type of types) picture.told[type.type] = type
    for (const one of heard) addHeard(picture, one)
    bar.came(heard.at(-1)?.summary.step)
    redraw()
  })
  on('resync', (whole: Picture) => {
    picture = whole
    redraw()
  })
  on('pace', (pace: Parameters<typeof bar.pace>[0]) => bar.pace(pace))
  on('end', () => {
    events.close()
    bar.state('ended', 'Ended')
  })
  events.onopen = () => bar.state('live', 'Live')
  events.onerror = () => {
    const since = new Date().toLocaleTimeString()
    if (events.readyState !== EventSource.CLOSED) bar.lost(`Connection lost since ${since}`)
    else bar.state('lost', `Connection lost since ${since}. Load the page again.`)
  }
}

/** The bar above the page: state, step, rate, lag, the last block, and Pause. */
function liveBar(onPause: (paused: boolean) => void) {
  const word = h('b', { role: 'status' }, 'Connecting')
  const step = h('span', {})
  const rate = h('span', {})
  const button = h('button', { type: 'button', 'aria-pressed': 'false' }, 'Pause')
  const bar = h(
    'div',
    { id: 'live', class: 'live', role: 'region', 'aria-label': 'Live' },
    word,
    step,
    rate,
    button
  )
  let isLost = false
  button.addEventListener('click', () => {
    const paused = button.getAttribute('aria-pressed') !== 'true'
    button.setAttribute('aria-pressed', String(paused))
    onPause(paused)
  })
  document.getElementById('page')!.before(bar)
  const state = (name: 'live' | 'lost' | 'ended', text: string): void => {
    isLost = name === 'lost'
    bar.className = `live ${name}`
    if (word.textContent !== text) word.textContent = text
  }
  return {
    state,
    /** Says once since when the connection has been lost. */
    lost: (text: string) => {
      if (!isLost) state('lost', text)
    },
    came: (at: number | undefined) => {
      step.textContent = `last block at step ${told(at)}`
    },
    pace: (now: { step: number; framesPerSecond: number; lagMs: number }) => {
      rate.textContent = `step ${told(now.step)} · ${now.framesPerSecond.toFixed(0)} frames/s · lag ${now.lagMs.toFixed(0)} ms`
    },
  }
}
