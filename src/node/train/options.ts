import { choice, integer, number, type Options, type OptionsInput } from '../../spec/fields.ts'
import { backendNames } from './backends.ts'

/** How a recipe trains and what is streamed. Options without a default here get their defaults from the recipe. */
export const trainFields = {
  steps: integer({ description: 'steps to train', min: 1 }),
  batch: integer({
    description:
      'samples in a batch; if it is as large as the data set, all samples in their order',
    min: 1,
  }),
  learningRate: number({ description: 'learning rate', min: 0 }),
  hidden: integer({
    description: 'units of the hidden layer, for recipes with one hidden layer',
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
      "decay of kernels: for adamw apart from the gradient, otherwise as an L2 term with half of it in the loss (PyTorch's weight_decay)",
    min: 0,
  }),
  members: integer({
    description:
      'networks trained side by side on the same batches; all but the first are perturbed',
    min: 1,
    max: 64,
  }),
  epsilon: number({
    description:
      'adds U(-epsilon, epsilon) to each kernel weight at the start of a perturbed member',
    min: 0,
    default: 1e-6,
  }),
  ratio: number({
    description: 'factor by which each further perturbed member starts farther away',
    min: 0,
    default: 1,
  }),
  perturb: number({
    description:
      'instead of epsilon: multiplies each kernel weight at the start of a further member or replicate by 1 + U(-perturb, perturb), as in 0.1%',
    min: 0,
    max: 1,
    default: 0,
  }),
  replicates: integer({
    description:
      'number of trainings one after another, each a run: with successive seeds, or, with perturb, with the same seed from nearby starts',
    min: 1,
    max: 1000,
    default: 1,
  }),
  seed: integer({
    description: 'seed of the first weights, perturbations and batches',
    min: 0,
    max: 0xffffffff,
    default: 0,
  }),
  every: integer({ description: 'number of steps from one delta to the next', min: 1, default: 1 }),
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
      'what computes: tfjs-node, or TF.js in WebAssembly or JavaScript; auto takes the first that is available',
    default: 'auto',
  }),
} as const

export type TrainOptions = OptionsInput<typeof trainFields>

type Parsed = Options<typeof trainFields>

/** The defaults that a recipe must give; `hidden` only if it has one hidden layer. */
export type RecipeDefaults = Required<
  Pick<Parsed, 'steps' | 'batch' | 'learningRate' | 'members' | 'optimizer' | 'weightDecay'>
> &
  Pick<Parsed, 'hidden'>

/** All settings of a training. */
export type TrainSettings = Required<Parsed>
