import { choice, integer, number, type Options, type OptionsInput } from '../../spec/fields.ts'
import { backendNames } from './backends.ts'

/** How a recipe trains and what of it is streamed. What has no default here is the recipe's to say. */
export const trainFields = {
  steps: integer({ description: 'steps to train', min: 1 }),
  batch: integer({
    description:
      'samples in a batch; all of them, in their order, where it is as large as the data set',
    min: 1,
  }),
  learningRate: number({ description: 'learning rate', min: 0 }),
  hidden: integer({
    description: 'units of the hidden layer, where a recipe has one hidden layer',
    min: 1,
  }),
  optimizer: choice(['sgd', 'momentum', 'adam', 'adamw'], { description: 'optimizer' }),
  momentum: number({
    description: 'momentum of the optimizer "momentum"',
    min: 0,
    max: 1,
    default: 0.9,
  }),
  weightDecay: number({
    description:
      "decay of kernels: of adamw apart from the gradient, else as an L2 term of half of it in the loss (PyTorch's weight_decay)",
    min: 0,
  }),
  members: integer({
    description:
      'networks trained side by side on the same batches; all but the first are perturbed',
    min: 1,
    max: 64,
  }),
  epsilon: number({
    description: "adds U(-epsilon, epsilon) to each kernel weight of a perturbed member's start",
    min: 0,
    default: 1e-6,
  }),
  ratio: number({
    description: 'how many times as far away each further perturbed member starts',
    min: 0,
    default: 1,
  }),
  perturb: number({
    description:
      'scales each kernel weight of a further member or replicate at its start by 1 + U(-perturb, perturb), as in 0.1%; in place of epsilon',
    min: 0,
    max: 1,
    default: 0,
  }),
  replicates: integer({
    description:
      'trainings one after another, each a run: of seeds one apart, or with perturb of the same seed from starts nearby',
    min: 1,
    max: 1000,
    default: 1,
  }),
  seed: integer({
    description: 'seed of first weights, perturbations and batches',
    min: 0,
    max: 0xffffffff,
    default: 0,
  }),
  every: integer({ description: 'records each so many steps', min: 1, default: 1 }),
  anchorEvery: integer({
    description:
      'steps from one anchor (the weights themselves) to the next; 0: an anchor only at the start',
    min: 0,
    default: 0,
  }),
  dtype: choice(['f32', 'f64', 'f16', 'bf16'], {
    description: 'element type of the deltas',
    default: 'f32',
  }),
  backend: choice(['auto', ...backendNames], {
    description:
      'what computes: tfjs-node, TF.js in WebAssembly or in JavaScript; the first there is',
    default: 'auto',
  }),
} as const

export type TrainOptions = OptionsInput<typeof trainFields>

type Parsed = Options<typeof trainFields>

/** What a recipe has to say; `hidden` only where it has one hidden layer. */
export type RecipeDefaults = Required<
  Pick<Parsed, 'steps' | 'batch' | 'learningRate' | 'members' | 'optimizer' | 'weightDecay'>
> &
  Pick<Parsed, 'hidden'>

/** All that a training needs to know. */
export type TrainSettings = Required<Parsed>
