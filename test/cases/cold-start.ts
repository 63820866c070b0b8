/** Milliseconds from one mark to the next. */
export interface ColdStart {
  /** The package's code, loaded and evaluated. */
  readonly import: number
  /** Modules compiled and instantiated, memory reserved: the run is open. */
  readonly instantiate: number
  /** The first delta, decoded and copied. */
  readonly firstFrame: number
  /** The first block's summaries, of all stages. */
  readonly firstSummary: number
}

/** The first steps of a process that has not met the package yet. */
export async function coldStart(recording: Uint8Array): Promise<ColdStart> {
  const start = performance.now()
  const { cmd, FrameReader, ftle, health, parsePipeline, Run, svd } = await import('thalweg')
  const imported = performance.now()
  const registry = { stages: [health(), svd(), cmd(), ftle()], sources: [], sinks: [] }
  const stages = registry.stages.map(({ definition: { type } }) => ({ type }))
  const { settings } = parsePipeline({ stages }, registry)
  const reader = new FrameReader()
  reader.push(recording)
  let run: InstanceType<typeof Run> | undefined
  let [open, first, summary] = [0, 0, 0]
  for (let frame = reader.next(); frame && summary === 0; frame = reader.next()) {
    if (frame.kind === 'open') {
      run = new Run(frame, settings, () => {
        summary ||= performance.now()
      })
      open = performance.now()
    } else {
      run!.push(frame)
      if (frame.kind === 'delta') first ||= performance.now()
    }
  }
  return {
    import: imported - start,
    instantiate: open - imported,
    firstFrame: first - open,
    firstSummary: summary - first,
  }
}
