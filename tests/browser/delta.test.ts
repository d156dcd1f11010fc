import { expect, test } from 'vitest'
import { SavingsResponseSchema } from '@causeway/protocol'
import { get } from '../support/api.ts'
import { Random } from '../support/random.ts'
import { saveWhole } from '../support/save-whole.ts'
import { openLive, sharedStage } from './support/stage.ts'

/** Asked from outside: the page's policy lets no text be run as a script in it. */
const WAIT = { timeout: 20_000 }

const stage = sharedStage()

test('the page tells what crossed and what was saved, as the ledger has it, and follows it', async () => {
  const { ash, birch, coordinator } = stage()
  const bytes = new Random(9).bytes(3_000_000)
  const page = await openLive(stage(), '/delta')
  await page.getByText('Nothing transferred yet').waitFor()
  await saveWhole(ash, 'survey.bin', bytes)
  await page.getByText(/6\.00 MB of files crossed as/).waitFor()
  bytes.write('corrected', 1_500_000)
  await saveWhole(ash, 'survey.bin', bytes)
  for (const node of [ash, birch, ash]) await node.wait()
  await page.getByText(/12\.0 MB of files crossed as .* saved/).waitFor()
  const { total } = await get(coordinator, '/api/v1/savings', SavingsResponseSchema)
  expect(total.logicalBytes).toBe(12_000_000)
  await page.getByRole('heading', { name: 'By node' }).waitFor()
  await page.getByRole('button', { name: 'Chunk map of survey.bin' }).first().waitFor()
})

test('the worst and the best cases can be looked for, by node and direction', async () => {
  const page = await openLive(stage(), '/delta')
  const rows = page.getByRole('listitem').filter({ has: page.getByRole('button', { name: /Chunk map/ }) })
  await rows.first().waitFor()
  expect(await rows.count()).toBe(4)
  await page.getByText('↑ Up', { exact: true }).click()
  await page.getByText('Most saved', { exact: true }).click()
  await expect.poll(() => page.evaluate('document.querySelectorAll("main li button").length'), WAIT).toBe(2)
  const saved = await rows.allTextContents()
  expect(saved[0]).toMatch(/9\d\.\d %|> 99\.9 %/)
})

test('the chunk map of a version shows what was reused and what was new', async () => {
  const page = await openLive(stage(), '/delta')
  await page.getByRole('button', { name: 'Chunk map of survey.bin' }).first().click()
  const map = page.getByRole('region', { name: 'Chunk map' })
  await map
    .getByText(/reused|was there/i)
    .first()
    .waitFor()
  await page.reload()
  await map.waitFor()
  await map.getByRole('button', { name: 'Close the chunk map' }).click()
  await map.waitFor({ state: 'hidden' })
})

test('a small file is too little to tell, and the words are explained on demand', async () => {
  const { ash, birch } = stage()
  await saveWhole(ash, 'tiny.txt', 'a few words\n')
  for (const node of [ash, birch, ash]) await node.wait()
  const page = await openLive(stage(), '/delta')
  const row = page.getByRole('listitem').filter({ hasText: 'tiny.txt' })
  await row.first().waitFor()
  expect(await row.filter({ hasText: 'too little to tell' }).count()).toBe(2)
  expect(
    await page
      .locator('main')
      .getByText(/more than they hold/)
      .count(),
  ).toBe(0)
  await page.getByText('What these numbers mean').click()
  await page.getByText(/What sending each changed file whole/).waitFor()
})
