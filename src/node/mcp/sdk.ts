import type { Server } from '@modelcontextprotocol/sdk/server/index.js'
import type { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import type {
  CallToolRequestSchema,
  ListToolsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js'
import { requirePeer } from '../peers.ts'

/** The official SDK of the Model Context Protocol, an optional peer. */
export const mcpSdk = '@modelcontextprotocol/sdk'

interface Sdk {
  readonly Server: typeof Server
  readonly StdioServerTransport: typeof StdioServerTransport
  readonly CallToolRequestSchema: typeof CallToolRequestSchema
  readonly ListToolsRequestSchema: typeof ListToolsRequestSchema
}

/** Loads the parts of the SDK for a server on stdio. @throws AbsentPeer if it is not installed */
export function loadSdk(): Sdk {
  const modules = ['server/index.js', 'server/stdio.js', 'types.js']
  return Object.assign({}, ...modules.map((module) => requirePeer(mcpSdk, module))) as Sdk
}
