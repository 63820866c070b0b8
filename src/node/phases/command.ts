import { writeFileSync } from 'node:fs'
import { ThalwegError } from '../../error.ts'
import { boolean, choice, integer, string } from '../../spec/fields.ts'
import { phases as stage } from '../../stages/phases/index.ts'
import { defineCommand } from '../cli/command.ts'
import { sequencesOf, type Threshold } from './collect.ts'
import { detoursOf } from './detours.ts'
import { fitPhases } from './fit.ts'
import { mapOf } from './map.ts'
import { textOf } from './text.ts'

export const phases = defineCommand({
  name: 'phases',
  summary: 'Fits the phases that recorded runs go through, and compares them with time alone.',
  positional: {
    name: 'fit RUNS...',
    description: 'recorded streams, each with one run or several; ten runs tell more than one',
    many: true,
  },
  options: {
    every: integer({
      description: 'how many steps, epochs or anchors from one look at the weights to the next',
      min: 1,
      default: 10,
    }),
    of: choice(['steps', 'epochs', 'anchors'], {
      description: 'what --every counts',
      default: 'steps',
    }),
    states: integer({
      description: 'largest number of states that is tried',
      min: 1,
      max: 16,
      default: 8,
    }),
    restarts: integer({
      description: 'number of random starts of each fit',
      min: 1,
      max: 100,
      default: 5,
    }),
    seed: integer({
      description: 'seed of the starts and of the choice of held-out runs',
      min: 0,
      max: 0xffffffff,
      default: 0,
    }),
    converged: string({
      description:
        "condition on the trainer's metrics that says when a run has converged, as in accuracy>0.9",
      unit: 'condition',
    }),
    output: string({
      description: 'writes to this file a pipeline that follows the phases of a run live',
      unit: 'file',
    }),
    json: boolean({ description: 'print one JSON object', default: false }),
  },
  examples: [
    'thalweg phases fit runs/*.thalweg --converged "accuracy>0.9" --output phases.json',
    'thalweg train sparse-parity --seed 99 | thalweg run phases.json',
  ],
  async run(options, [verb, ...paths]) {
    if (verb !== 'fit' || paths.length === 0) {
      const usage = 'Write "thalweg phases fit" and the recorded streams.'
      throw new ThalwegError('E_USAGE', `phases: nothing to fit. ${usage}`)
    }
    const { every, of, states, restarts, seed } = options
    const threshold = options.converged === undefined ? undefined : thresholdOf(options.converged)
    const look = { every, of }
    const sequences = []
    for (const path of paths) sequences.push(...(await sequencesOf(path, look, threshold)))
    const fit = fitPhases(sequences, { states, restarts, seed })
    const map = mapOf(fit.model, sequences)
    const converged = sequences.map((own) => own.converged)
    const detours = threshold && detoursOf(map.paths, converged, fit.model.start.length, seed)
    if (options.output !== undefined) {
      const followed = {
        type: stage.definition.type,
        look,
        model: { fit: fit.verdict, ...fit.model },
      }
      const pipeline = { name: 'phases', stages: [followed] }
      writeFileSync(options.output, `${JSON.stringify(pipeline, null, 2)}\n`)
    }
    const found = { runs: sequences.map(({ run }) => run), ...fit, map, detours, converged }
    process.stdout.write(
      options.json
        ? `${JSON.stringify({ schema: 'thalweg.phases/1', ...found })}\n`
        : textOf(fit, map, detours, sequences.length)
    )
    return 0
  },
})

/** `accuracy>0.9` or `loss<0.1`. */
function thresholdOf(text: string): Threshold {
  const [, metric, sign, number] = /^([^<>]+)([<>])(.+)$/.exec(text) ?? []
  const limit = Number(number)
  if (metric === undefined || !Number.isFinite(limit)) {
    throw new ThalwegError(
      'E_USAGE',
      `phases: --converged "${text}" is not a condition. Write a metric, < or >, and a number, as in accuracy>0.9.`
    )
  }
  const isPassed = (value: number): boolean => (sign === '>' ? value > limit : value < limit)
  return { metric: metric.trim(), isPassed }
}
