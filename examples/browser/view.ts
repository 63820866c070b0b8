import type { Summary } from 'thalweg'
import { drawBars, drawLines, drawShares, type Point } from './chart.ts'
import { extent, flowers, type Grid } from './training.ts'

const colours = [
  [226, 168, 60],
  [48, 150, 176],
  [150, 92, 178],
] as const

const find = <E extends Element>(selector: string): E => document.querySelector<E>(selector)!
const percent = (share: number) => `${(100 * share).toFixed(1)} %`
const share = {
  y: [0, 1],
  ticks: [0, 0.5, 1],
  write: (value: number) => `${100 * value} %`,
} as const

/** Draws the summaries of a run so far. */
export class View {
  readonly #steps: number
  readonly #parameters: number
  readonly #series = new Map<string, Point[]>()

  constructor(steps: number, parameters: number) {
    this.#steps = steps
    this.#parameters = parameters
  }

  /** Adds the summaries of a block. */
  show(summaries: readonly Summary[]): void {
    for (const { type, member, step, values } of summaries) {
      if (type === 'metrics' && member === 0) this.#network(step, values as never)
      if (type === 'svd') this.#directions(step, values as never)
      if (type === 'cmd') this.#modes(step, values as never)
      if (type === 'ftle') this.#stability(values as never)
    }
  }

  /** Draws which species the network predicts where: three probabilities per cell, by rows. */
  map(probabilities: Float32Array, { columns, rows }: Grid): void {
    const image = new ImageData(columns, rows)
    for (let i = 0; i < columns * rows; i++) {
      for (let k = 0; k < 3; k++) {
        image.data[4 * i + k] = colours.reduce(
          (sum, colour, c) => sum + colour[k]! * probabilities[3 * i + c]!,
          0
        )
      }
      image.data[4 * i + 3] = 140
    }
    const small = new OffscreenCanvas(columns, rows)
    small.getContext('2d')!.putImageData(image, 0, 0)
    const canvas = find<HTMLCanvasElement>('canvas')
    const context = canvas.getContext('2d')!
    context.clearRect(0, 0, canvas.width, canvas.height)
    context.drawImage(small, 0, 0, canvas.width, canvas.height)
    for (const { petal, species } of flowers) {
      context.fillStyle = `rgb(${colours[species]!.join(' ')})`
      context.beginPath()
      const x = (petal[0] / extent.length) * canvas.width
      const y = (1 - petal[1] / extent.width) * canvas.height
      context.arc(x, y, 6, 0, 2 * Math.PI)
      context.fill()
    }
  }

  #network(step: number, { loss, accuracy }: { loss: number; accuracy: number }): void {
    say('network', percent(accuracy), `of 150 flowers are told right after ${step} steps`)
    const points = this.#extend('loss', step, loss)
    drawLines(find('.loss'), [{ points }], {
      ...{ x: [0, this.#steps], y: [0.05, 4], log: true, ticks: [0.1, 1] },
      write: String,
    })
  }

  #directions(
    step: number,
    values: {
      singularValues: number[]
      upperBounds: number[]
      captured: number
      capturedNull: number
    }
  ): void {
    const { singularValues, upperBounds, captured, capturedNull } = values
    say(
      'directions',
      percent(captured),
      `of all movement lies in ${singularValues.length} of ${this.#parameters} directions; of random walks with the same memory ${percent(capturedNull)}`
    )
    this.#compare('captured', step, captured, capturedNull)
    drawBars(find('.values'), singularValues, upperBounds)
  }

  #modes(
    step: number,
    values: {
      modes: { size: number; meanAbsCorrelation: number | null }[] | null
      explained: number
      explainedNull: number
    }
  ): void {
    const { modes, explained, explainedNull } = values
    if (modes === null || Number.isNaN(explained + explainedNull)) return
    const held = modes.filter(({ size }) => size > 0)
    say(
      'modes',
      percent(explained),
      `of the variance follows ${held.length} weights; ${percent(explainedNull)} by chance`
    )
    this.#compare('explained', step, explained, explainedNull)
    drawShares(
      find('.sizes'),
      held.map(({ size }) => size),
      held.map(({ meanAbsCorrelation }) => meanAbsCorrelation ?? 0)
    )
  }

  #stability(values: {
    exponents: (number | null)[]
    intervals: ([number, number] | null)[]
    window: [number, number] | null
    verdict: string
    efoldings: number
    separations: { steps: number[]; values: number[][] }
  }): void {
    const { exponents, intervals, window, verdict, efoldings, separations } = values
    const [exponent] = exponents
    const [interval] = intervals
    const { steps, values: norms } = separations
    const points = steps.map((step, i): Point => [step, norms[0]![i]!])
    const figures = interval?.map((figure) => figure.toFixed(3)).join(' to ')
    const said =
      exponent == null
        ? 'no exponent yet'
        : `exponent ${exponent.toFixed(3)} per step (95 %: ${figures}), over ${efoldings.toFixed(1)} e-foldings`
    say('stability', verdict, said)
    find('#stability strong').classList.toggle('alarm', verdict === 'chaotic')
    const fit =
      window && exponent != null ? [{ points: slope(points, window, exponent), look: 'fit' }] : []
    drawLines(find('.separation'), [{ points }, ...fit], {
      ...{ x: [0, this.#steps], y: [1e-7, 30], log: true, ticks: [1e-6, 1e-4, 1e-2, 1] },
      write: (value) => (value < 0.1 ? value.toExponential(0).replace('-', '−') : String(value)),
      ...(window ? { window } : {}),
    })
  }

  #compare(name: string, step: number, own: number, walk: number): void {
    const lines = [
      { points: this.#extend(`${name}Null`, step, walk), look: 'null' },
      { points: this.#extend(name, step, own) },
    ]
    drawLines(find(`.${name}`), lines, { ...share, x: [0, this.#steps] })
  }

  #extend(name: string, step: number, value: number): Point[] {
    const points = this.#series.get(name) ?? []
    this.#series.set(name, points)
    if (points.at(-1)?.[0] !== step) points.push([step, value])
    return points
  }
}

function say(section: string, figure: string, words: string): void {
  find(`#${section} strong`).textContent = figure
  find(`#${section} span`).textContent = words
}

/** A curve of exponential growth at this rate, through the geometric mean of the points in a window. */
function slope(points: readonly Point[], [from, to]: readonly [number, number], rate: number) {
  const within = points.filter(([step]) => step >= from && step <= to)
  const mean = within.reduce((sum, [, value]) => sum + Math.log(value), 0) / within.length
  const at = (step: number): Point => [step, Math.exp(mean + rate * (step - (from + to) / 2))]
  return [at(from), at(to)]
}
