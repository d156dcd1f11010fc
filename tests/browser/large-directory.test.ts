import { join } from 'node:path'
import { LIMITS } from '@causeway/protocol'
import { createClient } from '@causeway/client'
import { expect, test } from 'vitest'
import { joinAsNode } from '../../bench/load/virtual-node.ts'
import { startCoordinator } from '../support/coordinator.ts'
import { shared } from '../support/hooks.ts'
import { scratchDirectory } from '../support/scratch.ts'
import { startBrowser } from './support/browser.ts'
import { rowOf } from './support/files.ts'
import { openLive } from './support/stage.ts'

const FILES = 100_000
const WAIT = { timeout: 60_000 }
/** A page that drew all rows, or kept each several times, would take far more. */
const MOST_HEAP_BYTES = 200e6

const stage = shared(async (life) => {
  const scratch = await scratchDirectory(life, 'causeway-large')
  const coordinator = await startCoordinator(life, { dataDir: join(scratch, 'coordinator') })
  const [browser, node] = await Promise.all([
    startBrowser(life),
    joinAsNode(await coordinator.invite({ folder: 'work' }), 'ash', undefined),
  ])
  life.add(() => node.close())
  const names = Array.from({ length: FILES }, (_, at) => nameOf(at))
  for (let at = 0; at < FILES; at += LIMITS.operationsPerCommit) {
    const taken = await node.commitAll(names.slice(at, at + LIMITS.operationsPerCommit), Buffer.from('the same\n'))
    if (!taken) throw new Error('the coordinator refused some of the files')
  }
  const client = createClient({ url: coordinator.url })
  await client.makeDirectory('work', 'Aside')
  return { coordinator, browser, client }
})

test('a directory of 100,000 files is listed from its first to its last, drawing only what is in sight', async () => {
  const page = await openLive(stage(), '/?folder=work')
  await rowOf(page, nameOf(0)).waitFor()
  const rowCount = (): Promise<string | null> => page.getByRole('grid').getAttribute('aria-rowcount')
  await page.getByRole('grid').focus()
  await expect
    .poll(async () => {
      await page.keyboard.press('End')
      return rowCount()
    }, WAIT)
    .toBe(String(FILES + 2))
  await page.keyboard.press('End')
  await rowOf(page, nameOf(FILES - 1)).waitFor()
  expect(await page.getByRole('row').count()).toBeLessThan(200)
  await stage().client.makeDirectory('work', 'a new directory')
  await page.keyboard.press('Home')
  await rowOf(page, 'a new directory').waitFor()
  await expect.poll(rowCount, WAIT).toBe(String(FILES + 3))
  await page.keyboard.press('Control+a')
  await page.getByText('100,002 selected').waitFor()

  const devtools = await page.context().newCDPSession(page)
  await devtools.send('HeapProfiler.collectGarbage')
  const { usedSize } = await devtools.send('Runtime.getHeapUsage')
  expect(usedSize).toBeLessThan(MOST_HEAP_BYTES)
})

test('one file of 100,000 is found by a part of its name, and the directory among them is in the tree', async () => {
  const page = await openLive(stage(), '/?folder=work')
  await rowOf(page, nameOf(0)).waitFor()
  await page.keyboard.press('/')
  await page.keyboard.type(nameOf(98_765).slice(5, 11))
  await rowOf(page, nameOf(98_765)).waitFor()
  await page.getByText('1 file with').waitFor()
  await page.getByRole('treeitem', { name: 'Aside' }).waitFor()
})

test('all of 100,000 files are selected with one box before they are loaded, and the question before a delete counts them', async () => {
  const page = await openLive(stage(), '/?folder=work')
  await rowOf(page, nameOf(0)).waitFor()
  await page.getByRole('checkbox', { name: 'Select all' }).check()
  await rowOf(page, nameOf(0)).getByRole('checkbox').uncheck()
  await page.getByText(/^100,00\d selected$/).waitFor()
  await page.getByRole('grid').press('Delete')
  const question = page.getByRole('dialog', { name: /^Delete 100,00\d entries\?$/ })
  await question.getByText(/ and 99,999 files \(900 kB\)/).waitFor(WAIT)
  await question.getByRole('button', { name: 'Cancel' }).click()
})

function nameOf(at: number): string {
  return `file-${String(at).padStart(6, '0')}.txt`
}
