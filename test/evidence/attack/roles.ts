import { constants, setPriority } from 'node:os'
import { attack } from './clients.ts'
import { serve } from './server.ts'

const [role, url] = process.argv.slice(2)
if (role === 'server') await serve()
else {
  // Attackers have machines of their own: here they must not take the server's.
  setPriority(constants.priority.PRIORITY_LOW)
  await attack(url!)
}
