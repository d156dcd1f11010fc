import { setTimeout as pause } from 'node:timers/promises'
import type { Client } from '@causeway/client'
import { waitingLines, whatWaits, type Places, type Waiting } from './waiting.ts'

/** Changes come in bursts: they are looked at so long after the first. */
const TOGETHER_MS = 700
/** What a node has said of itself is known to the coordinator by then, or its connection stands no more. */
const HEARD_AFTER_MS = 10_000

/** What waits for a person at this moment; nothing where the coordinator does not answer. */
export async function lookAt(client: Client, places: Places): Promise<readonly Waiting[]> {
  const [folders, nodes] = await Promise.all([client.folders(), client.nodes()])
  return whatWaits(folders, nodes, places)
}

/** The same where a node has said that it needs a person: the coordinator hears of that a moment later. */
export async function lookUntilSomethingWaits(client: Client, places: Places): Promise<readonly Waiting[]> {
  for (let tries = 0; tries < HEARD_AFTER_MS / TOGETHER_MS; tries++) {
    const waiting = await lookAt(client, places)
    if (waiting.length > 0) return waiting
    await pause(TOGETHER_MS)
  }
  return lookAt(client, places)
}

/**
 * Follows the running fleet and tells each thing that comes to wait for a person, and each that is settled. `known` was
 * told already. Runs until the signal ends it.
 */
export async function tellWhatWaits(
  client: Client,
  places: Places,
  options: { readonly known: readonly Waiting[]; readonly print: (line: string) => void; readonly signal: AbortSignal },
): Promise<void> {
  let known = options.known
  let timer: NodeJS.Timeout | undefined
  options.signal.addEventListener('abort', () => clearTimeout(timer), { once: true })
  const soon = (): void => {
    timer ??= setTimeout(() => void look(), TOGETHER_MS)
  }
  const [newest] = await client.pastEvents({ limit: 1 }).catch(() => [])
  await client.live({ after: newest?.position ?? 0, signal: options.signal, message: soon, state: soon })

  async function look(): Promise<void> {
    timer = undefined
    // While the coordinator is away nothing is known to be settled.
    const now = await lookAt(client, places).catch(() => known)
    for (const line of news(known, now)) options.print(line)
    known = now
  }
}

/** What is to be told where `before` was told already. */
export function news(before: readonly Waiting[], now: readonly Waiting[]): string[] {
  const told = new Map(before.map((one) => [one.key, one.what]))
  const stands = new Set(now.map(({ key }) => key))
  const resolved = before.filter(({ key }) => !stands.has(key))
  return [
    ...now.filter(({ key, what }) => told.get(key) !== what).flatMap(waitingLines),
    ...resolved.map(({ name }) => `✓ Resolved: ${name}`),
  ]
}
