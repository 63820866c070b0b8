/** How a run is stopped: the first interrupt asks it to end, the second one ends the process as if nobody listened. */
export interface Stop {
  readonly signal: AbortSignal
  /** 128 plus the signal's number, once a signal has come. */
  exitCode(): number | undefined
  release(): void
}

/** The signals that end a run properly, and the exit code for each. */
const exits: Readonly<Partial<Record<NodeJS.Signals, number>>> = {
  SIGHUP: 129,
  SIGINT: 130,
  SIGTERM: 143,
}

export function onInterrupt(): Stop {
  const controller = new AbortController()
  let exitCode: number | undefined
  const release = listen((_, code) => {
    exitCode = code
    release()
    controller.abort()
  })
  return { signal: controller.signal, exitCode: () => exitCode, release }
}

/** Listens to the signals that end a run. @returns a function that stops listening */
export function listen(heard: (signal: NodeJS.Signals, code: number) => void): () => void {
  const onSignal = (signal: NodeJS.Signals) => heard(signal, exits[signal]!)
  const signals = Object.keys(exits)
  for (const signal of signals) process.on(signal, onSignal)
  return () => {
    for (const signal of signals) process.off(signal, onSignal)
  }
}
