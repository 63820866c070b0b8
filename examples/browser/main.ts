import * as tf from '@tensorflow/tfjs'
import { from } from 'rxjs'
import { analyse, cmd, ftle, readFrames, svd } from 'thalweg'
import { Training } from './training.ts'
import { View } from './view.ts'

const steps = 400
const grid = { columns: 72, rows: 24 }
const form = document.querySelector('form')!
const slider = form.querySelector('input')!
const learningRate = () => 10 ** Number(slider.value)

/** Trains once, and draws the summaries every eight steps. */
async function train(signal: AbortSignal): Promise<void> {
  const training = new Training(learningRate())
  const view = new View(steps, training.parameters)
  const analysis = analyse(
    { block: 8, emit: { every: 1 } },
    svd({ rank: 4 }),
    cmd({ modes: 8, warmup: 24 }),
    ftle({ norms: ['l2'] })
  )
  await from(readFrames(training.stream(steps, signal)))
    .pipe(analysis)
    .forEach(({ summaries }) => {
      if (signal.aborted) return
      view.show(summaries)
      view.map(training.map(grid), grid)
    })
  training.dispose()
}

let stop = new AbortController()
let last: Promise<void> = Promise.resolve()

/** Stops the current training and begins another. */
function again(): void {
  stop.abort()
  stop = new AbortController()
  const { signal } = stop
  last = last.then(() => train(signal))
}

const say = () => {
  document.querySelector('output')!.textContent = learningRate().toPrecision(2)
}
slider.addEventListener('input', say)
slider.addEventListener('change', again)
form.addEventListener('submit', (event) => {
  event.preventDefault()
  again()
})

await tf.setBackend('cpu') // the network is too small for a GPU to be faster
say()
again()
