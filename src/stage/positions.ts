import { ThalwegError } from '../error.ts'

/** Refuses a member other than 0 for a stage that works on positions. */
export function expectPositions(stage: string, member: number): void {
  if (member === 0) return
  throw new ThalwegError(
    'E_CONFIG',
    `stage ${stage}: member ${member} has no positions, only differences to member 0's. Leave "member" at 0.`
  )
}
