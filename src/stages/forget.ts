import { number } from '../spec/fields.ts'

/** The option of stages that can follow a training whose directions drift. */
export const forget = number({
  description: 'factor by which what came earlier loses weight with each step; 1 forgets nothing',
  min: 0.5,
  max: 1,
  default: 1,
})
