import type { TestProject } from 'vitest/node'
import { ensureCeph } from '../../scripts/bootstrap/ceph.mjs'
import type { S3Server } from '../support/chunks-in-s3.ts'
import { Lifetime } from '../support/lifetime.ts'
import { startCeph } from './ceph.ts'

/** One object gateway for all tests that ask for it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  ensureCeph()
  const life = new Lifetime()
  try {
    project.provide('s3', await startCeph(life))
  } catch (error) {
    await life.end()
    throw error
  }
  return () => life.end()
}

declare module 'vitest' {
  interface ProvidedContext {
    readonly s3: S3Server
  }
}
