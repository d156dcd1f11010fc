import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { Lifetime } from './lifetime.ts'

/** Ends when the running test does, however it ends. */
export function testLifetime(): Lifetime {
  const life = new Lifetime()
  onTestFinished(() => life.end())
  return life
}

/** Starts something once for all tests of a file; the returned function gives it. */
export function shared<T>(start: (life: Lifetime) => Promise<T>): () => T {
  const life = new Lifetime()
  let value: { readonly started: T } | undefined
  beforeAll(async () => {
    value = { started: await start(life) }
  })
  afterAll(() => life.end())
  return () => {
    if (value === undefined) throw new Error('what the tests of this file share was not started')
    return value.started
  }
}
