import { join } from 'node:path'
import { createClient, type Client } from '@causeway/client'
import { runningCoordinator } from '../../apps/agent/src/cli/running-coordinator.ts'

/** How a person comes to the dashboard. */
export interface Door {
  /** What they open. */
  readonly address: string
  /** What to know about it, in one line. */
  readonly note?: string
}

/** Speaks to the demo's running coordinator as the owner of the machine. Throws if none runs. */
export async function ownerClient(dir: string): Promise<Client> {
  return createClient(await runningCoordinator(join(dir, 'coordinator')))
}

/** A new link that signs a browser in; where none can be made, the plain address, and why. */
export async function newDoor(client: Promise<Client>, dashboard: string): Promise<Door> {
  try {
    const { secret } = await (await client).makeSignInLink()
    return {
      address: `${dashboard}/sign-in#${secret}`,
      note: 'This link signs a browser in, once; another npm start prints a new one.',
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { address: dashboard, note: `A browser that is not signed in yet needs a link. None could be made: ${why}` }
  }
}
