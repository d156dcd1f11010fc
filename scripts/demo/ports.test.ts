import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { readOptions } from './options.ts'
import { checkPorts } from './ports.ts'

test.each(['COORDINATOR_PORT', 'DASHBOARD_PORT'])(
  'a taken port is named with the variable to set: %s',
  async (variable) => {
    const server = createServer((socket) => socket.destroy())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const other = { COORDINATOR_PORT: 'DASHBOARD_PORT', DASHBOARD_PORT: 'COORDINATOR_PORT' }[variable] ?? ''
    const options = readOptions([], { [variable]: String(port), [other]: String(await freePort()) })
    await expect(checkPorts(options)).rejects.toThrow(new RegExp(`Port ${port} .*Set ${variable} `))
    await new Promise((resolve) => server.close(resolve))
  },
)

test('one port for both is refused', async () => {
  const options = readOptions([], { COORDINATOR_PORT: '4000', DASHBOARD_PORT: '4000' })
  await expect(checkPorts(options)).rejects.toThrow('both 4000')
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}
