import type { Command } from './command.ts'

/** All commands by name. Each is loaded only when it is needed. */
export const commands: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => (await import('./run.ts')).run,
  train: async () => (await import('./train.ts')).train,
  demo: async () => (await import('./demo.ts')).demo,
  report: async () => (await import('./make-report.ts')).makeReport,
  serve: async () => (await import('./serve.ts')).serve,
  server: async () => (await import('./server.ts')).server,
  mcp: async () => (await import('./mcp.ts')).mcp,
  replay: async () => (await import('./replay.ts')).replay,
  compare: async () => (await import('../compare/command.ts')).compare,
  inspect: async () => (await import('./inspect.ts')).inspect,
  lint: async () => (await import('./lint.ts')).lint,
  test: async () => (await import('./test.ts')).test,
  graph: async () => (await import('./graph.ts')).graph,
  list: async () => (await import('./list.ts')).list,
  create: async () => (await import('./create.ts')).create,
  schema: async () => (await import('./schema.ts')).schema,
  phases: async () => (await import('../phases/command.ts')).phases,
  doctor: async () => (await import('./doctor.ts')).doctor,
  complete: async () => (await import('./complete.ts')).complete,
}

export function allCommands(): Promise<Command[]> {
  return Promise.all(Object.values(commands).map((load) => load()))
}
