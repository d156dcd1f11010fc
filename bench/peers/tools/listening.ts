import { setTimeout as sleep } from 'node:timers/promises'
import { runToEnd, type Spawned } from '../../support/spawned.ts'
import type { HostName, Network } from '../network/network.ts'

/** Resolves when a server has its port open; seen in the host's own table of sockets, so that nothing connects to it. */
export async function listening(network: Network, host: HostName, port: number, server: Spawned): Promise<void> {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')} [0-9A-F:]+ 0A `
  const look = `grep -shE '${wanted}' /proc/net/tcp /proc/net/tcp6; true`
  for (let attempt = 0; attempt < 200; attempt++) {
    if (!server.isRunning) throw new Error(`the server ended before it listened\n${server.output}`)
    if ((await runToEnd('the table of sockets', network.command(host, ['sh', '-c', look]))) !== '') return
    await sleep(50)
  }
  throw new Error(`nothing listens on port ${port} of host ${host}\n${server.output}`)
}
