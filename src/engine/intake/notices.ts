/** A problem with the frames, until a stage that always runs reports it. */
export interface Notice {
  /** The condition. `drift` is reported as `<stage type>/drift`, at the level that the stage declares. */
  readonly condition: string
  readonly message: string
}

/** Further notices add nothing new, and a stream may never end. */
const most = 100

/** Notices that no summary has reported yet. */
export class Notices {
  /** Plain data, saved unchanged. */
  readonly held: Notice[] = []

  raise(condition: string, message: string): void {
    if (this.held.length < most) this.held.push({ condition, message })
  }

  /** Hands over all held notices. */
  take(): Notice[] {
    return this.held.splice(0)
  }
}
