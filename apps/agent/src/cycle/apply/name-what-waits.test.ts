import { SyncError } from '@causeway/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { pathOf } from '../changed-here.ts'
import { World, type TestNode } from '../test-support/world.ts'

const PATHS = ['a', 'a/b', 'a/b/c', 'a/target/x', 'd', 'd/target/x', 'd/e', 'log'] as const

const anyStep = fc.record({
  node: fc.integer({ min: 0, max: 1 }),
  act: fc.constantFrom('write', 'remove', 'cycle', 'refuse', 'allow', 'ignore'),
  path: fc.constantFrom(...PATHS),
})

test('once all is at rest, every state that is still pending is named by a problem with its path', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 4, maxLength: 24 }), async (steps) => {
      const world = new World()
      const nodes = [world.join('atlas'), world.join('birch')]
      for (const [index, { node, act, path }] of steps.entries()) {
        const at = nodes[node]
        if (at === undefined) continue
        if (act === 'cycle') await at.cycle()
        else take(at, { act, path, text: `${index}` })
      }
      for (let round = 0; round < 10; round++) for (const node of nodes) await node.cycle()
      for (const node of nodes) {
        const { problems, pendingDown } = await node.cycle()
        const pending = node.state.pending().map((state) => pathOf(node.context(), state) ?? state.name)
        const named = problems.map((problem) => problem.path)
        expect(pending.filter((path) => !named.includes(path))).toEqual([])
        expect(pendingDown).toBe(pending.length)
      }
      world.close()
    }),
    { numRuns: 150, seed: 7 },
  )
}, 60_000)

test('what is in the way is named as ignored, though the pattern is about another kind than what is to come', async () => {
  const world = new World()
  const [atlas, birch] = [world.join('atlas'), world.join('birch')]
  atlas.user.write('.causewayignore', 'build/\n')
  await world.settle()
  atlas.user.write('build/own', 'own')
  birch.user.write('build', 'a file')
  for (let round = 0; round < 6; round++) for (const node of world.nodes) await node.cycle()
  const { problems } = await atlas.cycle()
  expect(problems).toMatchObject([{ path: 'build', code: 'waits' }])
  expect(problems[0]?.message).toMatch(/It is ignored.*take its pattern out of \.causewayignore, or move it away/)
  world.close()
})

function take(node: TestNode, { act, path, text }: { act: string; path: string; text: string }): void {
  const { user } = node
  if (act === 'remove') user.remove(path)
  if (act === 'ignore') user.write('.causewayignore', path.includes('target') ? 'target/\n' : '')
  if (act === 'refuse') node.beforeDisk = (call) => refuse(call, path)
  if (act === 'allow') node.beforeDisk = () => undefined
  if (act !== 'write') return
  // A file in the way of a directory, or the other way round, goes first.
  const parts = path.split('/')
  for (const [index] of parts.entries()) {
    const above = parts.slice(0, index + 1).join('/')
    if (user.read(above) !== undefined && above !== path) user.remove(above)
  }
  if (user.read(path) === undefined) user.remove(path)
  user.write(path, text)
}

/** A disk that can't place or remove anything at a path. */
function refuse({ method, path }: { method: string; path?: string }, refused: string): void {
  const places = ['placeNew', 'replace', 'makeDirectory', 'removeFile', 'removeDirectory', 'move']
  if (places.includes(method) && path === refused) throw new SyncError('io-error', `cannot place ${refused}: no leave`)
}
