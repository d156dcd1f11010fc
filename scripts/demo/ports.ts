import { createServer } from 'node:net'
import type { DemoOptions } from './options.ts'

/** Throws an `Error` for a person if a port that the demo needs is taken. */
export async function checkPorts({ host, port, dashboardPort }: DemoOptions): Promise<void> {
  if (port === dashboardPort) {
    throw new Error(`COORDINATOR_PORT and DASHBOARD_PORT are both ${port}; set one of them to another port.`)
  }
  await checkPort(host, port, 'COORDINATOR_PORT')
  await checkPort(host, dashboardPort, 'DASHBOARD_PORT')
}

async function checkPort(host: string, port: number, variable: string): Promise<void> {
  const problem = await listening(host, port)
  if (problem === undefined) return
  const why =
    problem.code === 'EADDRINUSE'
      ? 'is taken by another program'
      : `can't be listened on (${problem.code ?? problem.message})`
  throw new Error(
    `Port ${port} on ${host} ${why}. Set ${variable} to another port, in the environment or in .env, ` +
      `for example: ${variable}=${port + 1} npm start`,
  )
}

function listening(host: string, port: number): Promise<NodeJS.ErrnoException | undefined> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', resolve)
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}
