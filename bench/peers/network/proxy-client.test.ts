import { expect, test } from 'vitest'
import { ProxyClient } from './proxy-client.ts'

test('a proxy in a process of its own tells its port and its counts, and is seen to end', async () => {
  const proxy = await ProxyClient.start({ listen: '127.0.0.1', target: { host: '127.0.0.1', port: 1 } })
  expect(proxy.port).toBeGreaterThan(0)
  expect(await proxy.bytes()).toEqual({ sent: 0, received: 0 })
  await proxy.stop()
})
