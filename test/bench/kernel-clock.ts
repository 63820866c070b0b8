// Imported before a program: times every call of a WebAssembly function and says at the end, on stderr, what all took.

const { Instance } = WebAssembly
const milliseconds: Record<string, number> = {}

/** An instance whose functions keep time. */
class Clocked {
  readonly exports: Record<string, unknown> = {}

  constructor(module: WebAssembly.Module, imports?: WebAssembly.Imports) {
    const { exports } = new Instance(module, imports)
    for (const [name, value] of Object.entries(exports)) {
      this.exports[name] = typeof value === 'function' ? clocked(name, value as Call) : value
    }
  }
}

type Call = (...values: number[]) => number

function clocked(name: string, call: Call): Call {
  milliseconds[name] = 0
  return (...values) => {
    const start = performance.now()
    const result = call(...values)
    milliseconds[name]! += performance.now() - start
    return result
  }
}

WebAssembly.Instance = Clocked as unknown as typeof Instance
process.on('exit', () => process.stderr.write(`${JSON.stringify(milliseconds)}\n`))
