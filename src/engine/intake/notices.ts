/** What is wrong with the frames, before a stage that runs always says it. */
export interface Notice {
  /** The condition: `drift` is said as `<type of that stage>/drift`, at the level that the stage gives it. */
  readonly condition: string
  readonly message: string
}

/** More say nothing new, and a stream may go on for ever. */
const most = 100

/** What the engine has noticed and no summary has said yet. */
export class Notices {
  /** Plain data, saved as it is. */
  readonly held: Notice[] = []

  raise(condition: string, message: string): void {
    if (this.held.length < most) this.held.push({ condition, message })
  }

  /** Hands over all that are held. */
  take(): Notice[] {
    return this.held.splice(0)
  }
}
