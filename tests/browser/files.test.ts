import { createReadStream } from 'node:fs'
import { mkdir, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { Random } from '../support/random.ts'
import { sha256Of } from '../support/tree.ts'
import { action, dropFromOutside, rowOf, select, undo } from './support/files.ts'
import { openLive, sharedStage } from './support/stage.ts'

/** Asked from outside: the page's policy lets no text be run as a script in it. */
const WAIT = { timeout: 20_000 }

const stage = sharedStage(async (directory) => {
  await mkdir(join(directory, 'Journey/Pictures'), { recursive: true })
  await writeFile(join(directory, 'Journey/Itinerary.txt'), 'Day 1: over the causeway at low tide\n')
  await writeFile(join(directory, 'Welcome.md'), '# Welcome\n')
})

const FOLDER = '/?folder=work'

test('a file that is saved on a node is listed without a reload, and goes from the list when it is deleted there', async () => {
  const { ash, birch } = stage()
  const page = await openLive(stage(), FOLDER)
  await rowOf(page, 'Welcome.md').waitFor()
  await writeFile(ash.path('tide.txt'), 'low tide at 14:03\n')
  await rowOf(page, 'tide.txt').waitFor()
  await birch.wait()
  await rename(birch.path('tide.txt'), birch.path('tides.txt'))
  await rowOf(page, 'tides.txt').waitFor()
  await rowOf(page, 'tide.txt').waitFor({ state: 'hidden' })
  await unlink(birch.path('tides.txt'))
  await rowOf(page, 'tides.txt').waitFor({ state: 'hidden' })
})

test('a file is uploaded to the coordinator and then to each node; of its next version only what changed is sent', async () => {
  const { scratch, ash, birch } = stage()
  const source = join(scratch, 'survey.bin')
  const bytes = new Random(3).bytes(5_000_000)
  await writeFile(source, bytes)
  const page = await openLive(stage(), FOLDER)

  await upload()
  await page.getByRole('region', { name: 'Uploads' }).getByText('All 2 nodes have it.').waitFor()
  for (const node of [ash, birch]) expect(await sha256Of(node.path('survey.bin'))).toBe(await sha256Of(source))

  bytes.write('changed', 2_500_000)
  await writeFile(source, bytes)
  await upload()
  const panel = page.getByRole('region', { name: 'Uploads' })
  await panel.getByText(/was there already/).waitFor()
  await panel.getByText(/sent of 5\.00 MB, on every node/).waitFor()
  await eventually('both nodes hold the new version', async () => {
    for (const node of [ash, birch]) expect(await sha256Of(node.path('survey.bin'))).toBe(await sha256Of(source))
  })

  async function upload(): Promise<void> {
    await page.getByRole('button', { name: 'Upload', exact: true }).click()
    await page.getByLabel('Files to upload').setInputFiles(source)
  }
})

test('a whole directory is uploaded with what is in it, in the name of a node', async () => {
  const { scratch, birch } = stage()
  await mkdir(join(scratch, 'Garden/Plans'), { recursive: true })
  await writeFile(join(scratch, 'Garden/Harvest.csv'), 'month,apples_kg\n')
  await writeFile(join(scratch, 'Garden/Plans/Beds.txt'), 'three\n')
  const page = await openLive(stage(), FOLDER)
  await page.getByRole('button', { name: 'Upload', exact: true }).click()
  await page.getByRole('combobox', { name: 'Owner node' }).click()
  await page.getByRole('option', { name: 'birch' }).click()
  await page.getByLabel('Directory to upload').setInputFiles(join(scratch, 'Garden'))
  await page.getByRole('region', { name: 'Uploads' }).getByText('2 files uploaded').waitFor()
  await eventually('birch has the directory', async () => {
    expect(await readFile(birch.path('Garden/Plans/Beds.txt'), 'utf8')).toBe('three\n')
  })
})

test('files and directories that are dropped on the list, or on a directory in it or in the tree, are uploaded there', async () => {
  const { scratch, ash } = stage()
  await mkdir(join(scratch, 'Dropped/Inside/Empty'), { recursive: true })
  await writeFile(join(scratch, 'Dropped/Inside/deep.txt'), 'deep\n')
  for (const name of ['one.csv', 'two.csv', 'three.csv']) await writeFile(join(scratch, name), `${name}\n`)
  const page = await openLive(stage(), FOLDER)
  await rowOf(page, 'Journey').waitFor()
  await dropFromOutside(page, page.getByRole('grid'), [join(scratch, 'Dropped'), join(scratch, 'one.csv')])
  await rowOf(page, 'Dropped').waitFor()
  await rowOf(page, 'one.csv').waitFor()
  await dropFromOutside(page, rowOf(page, 'Dropped'), [join(scratch, 'two.csv')])
  await dropFromOutside(page, page.getByRole('treeitem', { name: 'Journey' }), [join(scratch, 'three.csv')])
  await eventually('ash has all of it', async () => {
    expect(await ash.view('Dropped')).toEqual({
      'Inside/Empty': '/',
      'Inside/deep.txt': 'deep\n',
      'two.csv': 'two.csv\n',
    })
    expect(await readFile(ash.path('one.csv'), 'utf8')).toBe('one.csv\n')
    expect(await readFile(ash.path('Journey/three.csv'), 'utf8')).toBe('three.csv\n')
  })
})

test('a file is downloaded as it is, a directory as an archive', async () => {
  const page = await openLive(stage(), FOLDER)
  await select(page, 'Welcome.md')
  const [file] = await Promise.all([page.waitForEvent('download'), action(page, 'Download').click()])
  expect(file.suggestedFilename()).toBe('Welcome.md')
  expect(await readFile(await file.path(), 'utf8')).toBe('# Welcome\n')
  await select(page, 'Journey')
  const [archive] = await Promise.all([page.waitForEvent('download'), action(page, 'Download').click()])
  expect(archive.suggestedFilename()).toMatch(/\.zip$/)
  const [head] = await createReadStream(await archive.path(), { end: 3 }).toArray()
  expect(head).toEqual(Buffer.from('PK\u0003\u0004'))
})

test('a file is renamed, and one click takes it back', async () => {
  const { ash } = stage()
  await writeFile(ash.path('draft.txt'), 'words\n')
  const page = await openLive(stage(), FOLDER)
  await select(page, 'draft.txt')
  await action(page, 'Rename').click()
  const dialog = page.getByRole('dialog', { name: 'Rename “draft.txt”' })
  await dialog.getByLabel('Name').fill('letter.txt')
  await dialog.getByRole('button', { name: 'Rename' }).click()
  await rowOf(page, 'letter.txt').waitFor()
  await eventually('the disk follows', async () =>
    expect(await readFile(ash.path('letter.txt'), 'utf8')).toBe('words\n'),
  )
  await undo(page, /letter\.txt|draft\.txt/)
  await rowOf(page, 'draft.txt').waitFor()
})

test('a directory is made, and a file is moved into it and back', async () => {
  const { ash, birch } = stage()
  await writeFile(ash.path('moving.txt'), 'it moves\n')
  const page = await openLive(stage(), FOLDER)
  await page.getByRole('button', { name: 'New directory' }).click()
  await page.getByRole('dialog').getByLabel('Name').fill('Archive')
  await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click()
  await rowOf(page, 'Archive').waitFor()
  await select(page, 'moving.txt')
  await action(page, 'Move').click()
  const dialog = page.getByRole('dialog', { name: 'Move “moving.txt”' })
  await dialog.getByRole('treeitem', { name: 'Archive' }).click()
  await dialog.getByRole('button', { name: 'Move here' }).click()
  await rowOf(page, 'moving.txt').waitFor({ state: 'hidden' })
  await eventually('birch has it there', async () => {
    expect(await readFile(birch.path('Archive/moving.txt'), 'utf8')).toBe('it moves\n')
  })
  await undo(page, /moved to/)
  await rowOf(page, 'moving.txt').waitFor()
})

test('several are deleted after a question that counts them, brought back by Undo, and by the list of what was deleted', async () => {
  const { ash } = stage()
  for (const name of ['one.txt', 'two.txt']) await writeFile(ash.path(name), `${name}\n`)
  const page = await openLive(stage(), FOLDER)
  await select(page, 'one.txt')
  await select(page, 'two.txt')
  await page.keyboard.press('Delete')
  await page.getByRole('dialog', { name: 'Delete 2 entries?' }).getByRole('button', { name: 'Delete 2' }).click()
  await rowOf(page, 'one.txt').waitFor({ state: 'hidden' })
  await undo(page, /2 entries deleted/)
  await rowOf(page, 'two.txt').waitFor()

  await select(page, 'two.txt')
  await action(page, 'Delete').click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await rowOf(page, 'two.txt').waitFor({ state: 'hidden' })
  await page.getByRole('tab', { name: 'Deleted' }).click()
  await page.getByRole('button', { name: 'Restore two.txt' }).click()
  await page.getByRole('tab', { name: 'Browse' }).click()
  await rowOf(page, 'two.txt').waitFor()
  await eventually('it is on the disk again', async () => {
    expect(await readFile(ash.path('two.txt'), 'utf8')).toBe('two.txt\n')
  })
})

test('the keyboard goes through the list, opens, goes up, selects and searches', async () => {
  const page = await openLive(stage(), FOLDER)
  await rowOf(page, 'Journey').waitFor()
  await page.getByRole('grid').focus()
  await page.keyboard.press('Home')
  const names = await page.getByRole('grid').locator('bdi').allTextContents()
  for (let at = 0; at < names.indexOf('Journey'); at++) await page.keyboard.press('j')
  await page.keyboard.press('Space')
  await page.getByText('1 selected').waitFor()
  await page.keyboard.press('Enter')
  await rowOf(page, 'Itinerary.txt').waitFor()
  await page.keyboard.press('Backspace')
  await rowOf(page, 'Welcome.md').waitFor()
  await page.keyboard.press('/')
  await page.keyboard.type('itin')
  await rowOf(page, 'Itinerary.txt').getByText('in Journey').waitFor()
})

test('back, forward and reload keep the directory and the file that is open', async () => {
  const page = await openLive(stage(), FOLDER)
  await rowOf(page, 'Journey').getByRole('button', { name: 'Journey' }).click()
  await rowOf(page, 'Itinerary.txt').getByRole('button', { name: 'Itinerary.txt' }).click()
  await page.getByRole('region', { name: 'Itinerary.txt' }).getByText('Day 1: over the causeway').waitFor()
  await page.reload()
  await page.getByRole('region', { name: 'Itinerary.txt' }).getByText('Day 1: over the causeway').waitFor()
  await page.goBack()
  await page.getByRole('region', { name: 'Itinerary.txt' }).waitFor({ state: 'hidden' })
  await rowOf(page, 'Itinerary.txt').waitFor()
  await page.goBack()
  await rowOf(page, 'Welcome.md').waitFor()
  await page.goForward()
  await rowOf(page, 'Itinerary.txt').waitFor()
})

test('the history of a file shows what changed between two versions and brings an old one back', async () => {
  const { ash } = stage()
  await writeFile(ash.path('poem.txt'), 'The tide comes in.\n')
  await ash.wait()
  await writeFile(ash.path('poem.txt'), 'The tide goes out.\n')
  await ash.wait()
  const page = await openLive(stage(), FOLDER)
  await rowOf(page, 'poem.txt').getByRole('button', { name: 'poem.txt' }).click()
  const detail = page.getByRole('region', { name: 'poem.txt' })
  await detail.getByRole('tab', { name: 'History' }).click()
  const versions = detail.getByRole('list', { name: 'Versions, newest first' })
  for (const box of await versions.getByRole('checkbox').all()) await box.check()
  await detail.getByText('comes in').filter({ visible: true }).first().waitFor()
  await detail.getByText('goes out').filter({ visible: true }).first().waitFor()
  await versions.getByRole('button', { name: /^Restore version/ }).click()
  await eventually('the first version is on the disk', async () => {
    expect(await readFile(ash.path('poem.txt'), 'utf8')).toBe('The tide comes in.\n')
  })
  await undo(page, /Restored/)
  await eventually('and the second again', async () => {
    expect(await readFile(ash.path('poem.txt'), 'utf8')).toBe('The tide goes out.\n')
  })
})

test('a picture is shown, and what no browser shows is said to be so', async () => {
  const { ash } = stage()
  const dot = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
  await writeFile(ash.path('dot.png'), Buffer.from(dot, 'base64'))
  await writeFile(ash.path('raw.dat'), new Random(5).bytes(4_000))
  const page = await openLive(stage(), FOLDER)
  await rowOf(page, 'dot.png').getByRole('button', { name: 'dot.png' }).click()
  await page.getByRole('img', { name: 'Content of dot.png' }).waitFor()
  await expect
    .poll(() => page.evaluate('document.querySelector("img[alt=\'Content of dot.png\']")?.naturalWidth'), WAIT)
    .toBe(1)
  await rowOf(page, 'raw.dat').getByRole('button', { name: 'raw.dat' }).click()
  await page
    .getByRole('region', { name: 'raw.dat' })
    .getByText(/no (other )?preview/)
    .waitFor()
})

test('conflicts wait in a queue with both sides, and one choice settles one or many of them', async () => {
  const { ash, birch, coordinator } = stage()
  const names = ['first.txt', 'second.txt', 'third.txt']
  for (const name of names) await writeFile(ash.path(name), 'as it was\n')
  for (const node of [ash, birch, ash, birch]) await node.wait()
  await coordinator.whilePaused(async () => {
    for (const name of names) {
      await writeFile(ash.path(name), 'said ash\n')
      await writeFile(birch.path(name), 'said birch\n')
    }
  })
  const page = await openLive(stage(), FOLDER)
  await page.getByRole('tab', { name: /Conflicts\s*3/ }).click()
  const queue = page.getByRole('list', { name: 'Open conflicts' })
  await queue.getByRole('button', { name: /first\.txt/ }).click()
  await page.getByText('said ash').filter({ visible: true }).first().waitFor()
  await page.getByText('said birch').filter({ visible: true }).first().waitFor()
  await page.getByRole('button', { name: 'Keep the other' }).click()
  await queue.getByRole('button', { name: /first\.txt/ }).waitFor({ state: 'hidden' })
  await undo(page, /first\.txt” settled/)
  await queue.getByRole('button', { name: /first\.txt/ }).click()
  await page.getByRole('button', { name: 'Keep the other' }).click()
  await queue.getByRole('button', { name: /first\.txt/ }).waitFor({ state: 'hidden' })

  await page.getByRole('checkbox', { name: 'Select all 2' }).check()
  await page.getByRole('button', { name: 'Keep both' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Keep both' }).click()
  await page.getByText('No conflicts').waitFor()
  await eventually('one copy is left of each that was kept twice', async () => {
    const left = Object.keys(await ash.view())
    expect(left.filter((path) => /^first.*\.txt$/.test(path))).toHaveLength(1)
    expect(left.filter((path) => /^second.*\.txt$/.test(path))).toHaveLength(2)
  })
  await rm(ash.path('first.txt'), { force: true })
})
