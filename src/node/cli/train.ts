import { Console } from 'node:console'
import { ThalwegError } from '../../error.ts'
import { boolean } from '../../spec/fields.ts'
import { nearest } from '../../spec/nearest.ts'
import { amount, counted } from '../../stage/words.ts'
import type { Metrics } from '../../wire/frame.ts'
import { terminalOf } from '../terminal.ts'
import { trainFields } from '../train/options.ts'
import type { Recipe } from '../train/recipe.ts'
import { recipes } from '../train/recipes/index.ts'
import { type TrainHooks, train as training } from '../train/train.ts'
import { streamWriter } from '../writer.ts'
import { defineCommand } from './command.ts'
import { onInterrupt } from './stop.ts'

export const train = defineCommand({
  name: 'train',
  summary: 'Trains a network with TF.js and writes its stream of weight deltas to stdout.',
  positional: {
    name: '<recipe>',
    description: recipes.map(inWords).join('. '),
    choices: () => recipes.map(({ name }) => name),
  },
  options: {
    ...trainFields,
    quiet: boolean({ description: 'prints only errors', default: false }),
  },
  examples: [
    'thalweg train mnist-mlp | thalweg run',
    'thalweg train iris-chaos --seed 3 | thalweg run chaos',
    'thalweg train mnist-lenet --steps 200 > run.thalweg',
    'thalweg train mnist-mlp --replicates 5 > sgd.thalweg',
  ],
  async run({ quiet, ...options }, [name]) {
    const recipe = find(name)
    if (process.stdout.isTTY) {
      const command = `thalweg train ${recipe.name}`
      throw new ThalwegError(
        'E_USAGE',
        `train: stdout is a terminal and the stream is binary. Pipe it, ${command} | thalweg run, or redirect it.`
      )
    }
    // stdout belongs to the stream alone, so what libraries print goes to stderr.
    globalThis.console = new Console(process.stderr)
    const stop = onInterrupt()
    const writer = streamWriter(process.stdout, 'stdout')
    const hooks = { signal: stop.signal, ...(quiet ? {} : progress()) }
    try {
      for await (const chunk of training(recipe, options, hooks)) await writer.write(chunk)
    } catch (error) {
      if (!(error instanceof ThalwegError) || error.code !== 'E_PIPE') throw error
    } finally {
      stop.release()
    }
    return stop.exitCode() ?? 0
  },
})

function inWords({ name, summary, defaults }: Recipe): string {
  const { steps, batch, learningRate, members } = defaults
  const size = `${counted(steps, 'step')}, batch ${batch}, learning rate ${learningRate}`
  return `${name}: ${summary} (${size}, ${counted(members, 'member')})`
}

function find(name: string | undefined): Recipe {
  const found = recipes.find((recipe) => recipe.name === name)
  if (found) return found
  const names = recipes.map((recipe) => recipe.name)
  const near = name === undefined ? undefined : nearest(name, names)
  const what = name === undefined ? 'give a recipe.' : `no recipe is called "${name}".`
  const hint = near ? `Did you mean ${near}?` : `There are: ${names.join(', ')}.`
  throw new ThalwegError('E_USAGE', `train: ${what} ${hint}`)
}

/**
 * Shows progress on stderr after 1, 2, 4, ... seconds and then each minute. These are full lines, because a reader on the same
 * terminal has its own line.
 */
function progress(): TrainHooks {
  const { clearLine, dim } = terminalOf(process.stderr)
  const say = (text: string) => process.stderr.write(`${clearLine}${dim(`train: ${text}`)}\n`)
  let start = 0
  let next = 1
  let last = { step: 0, seconds: 0 }
  return {
    onBackend(about) {
      say(about)
      start = performance.now()
    },
    onStep(step: number, steps: number, { loss }: Metrics) {
      const seconds = (performance.now() - start) / 1000
      if (seconds < next && step < steps) return
      next = seconds + Math.min(seconds, 60)
      const rate = (step - last.step) / (seconds - last.seconds)
      last = { step, seconds }
      say(`step ${step} of ${steps} · loss ${amount(loss!)} · ${amount(rate, 3)} steps/s`)
    },
  }
}
