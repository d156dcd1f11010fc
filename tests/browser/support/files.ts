import type { Locator, Page } from 'playwright-core'

/** The line of a file or directory in the list. */
export function rowOf(page: Page, name: string): Locator {
  return page
    .getByRole('grid')
    .getByRole('row')
    .filter({ has: page.getByRole('button', { name, exact: true }) })
}

/** Selects it, as a person does who wants to do something with it. */
export async function select(page: Page, name: string): Promise<void> {
  await rowOf(page, name).getByRole('checkbox').check()
}

/** A button for what is selected. */
export function action(page: Page, name: string): Locator {
  return page.getByRole('toolbar', { name: 'Selection actions' }).getByRole('button', { name })
}

/** Clicks Undo in the newest message. */
export async function undo(page: Page, message: RegExp): Promise<void> {
  await page.getByRole('alert').filter({ hasText: message }).getByRole('button', { name: 'Undo' }).click()
}

/** Drags files and directories of this machine over the head of an element, as out of a file manager, and lets go. */
export async function dropFromOutside(page: Page, target: Locator, paths: readonly string[]): Promise<void> {
  const box = await target.boundingBox()
  if (box === null) throw new Error('what they are to be dropped on is not to be seen')
  const [x, y] = [box.x + box.width / 2, box.y + Math.min(box.height / 2, 16)]
  const devtools = await page.context().newCDPSession(page)
  const data = { items: [], files: [...paths], dragOperationsMask: 1 }
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await devtools.send('Input.dispatchDragEvent', { type, x, y, data })
  }
  await devtools.detach()
}
