import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import type { HistoryEvent } from '@causeway/protocol'
import { DOCS, folderRow } from '../conformance/fixtures.ts'
import { runScript } from '../testing/run-script.ts'
import { openSqliteMetadataStore } from './open-sqlite-metadata-store.ts'

const SCRIPT = new URL('../testing/commit-beside-others.ts', import.meta.url)
const COMMITS = 60

const directory = await mkdtemp(join(tmpdir(), 'causeway-two-'))
afterAll(() => rm(directory, { recursive: true }))

test('two processes commit to one folder at once: each commit once, and a reader behind a cursor skips no event', async () => {
  const path = join(directory, 'causeway.db')
  const store = await openSqliteMetadataStore({ path })
  await store.write((tx) => tx.createFolder(folderRow()))
  let running = 2
  const ended = ['ash', 'birch'].map((name) =>
    runScript(SCRIPT, [path, name, String(COMMITS)]).finally(() => (running -= 1)),
  )

  const seen: HistoryEvent[] = []
  for (let isLast = false; !isLast;) {
    isLast = running === 0
    const events = await store.read((tx) => tx.eventsAfter(seen.at(-1)?.position ?? 0, {}, 7))
    seen.push(...events)
    isLast &&= events.length === 0
    await sleep(1)
  }
  expect(await Promise.all(ended)).toEqual([0, 0])

  expect(seen).toEqual(await store.read((tx) => tx.eventsAfter(0, {}, 10_000)))
  expect(seen.map(({ seq }) => seq)).toEqual(
    Array.from({ length: 2 * COMMITS }, (_, index) => [index + 1, index + 1]).flat(),
  )
  const folder = await store.read((tx) => tx.folder(DOCS))
  expect(folder).toMatchObject({ head: 2 * COMMITS, revision: 2 * COMMITS })
  await store.close()
}, 60_000)
