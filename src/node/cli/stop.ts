/** What the first interrupt asks for; the second one ends the process as if nobody listened. */
export interface Stop {
  readonly signal: AbortSignal
  /** 130 or 143 once a signal has come. */
  exitCode(): number | undefined
  release(): void
}

export function onInterrupt(): Stop {
  const controller = new AbortController()
  let exitCode: number | undefined
  const interrupt = () => stop(130)
  const terminate = () => stop(143)
  const release = () => {
    process.off('SIGINT', interrupt).off('SIGTERM', terminate)
  }
  const stop = (code: number) => {
    exitCode = code
    release()
    controller.abort()
  }
  process.on('SIGINT', interrupt).on('SIGTERM', terminate)
  return { signal: controller.signal, exitCode: () => exitCode, release }
}
