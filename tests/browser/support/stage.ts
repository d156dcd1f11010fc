import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { onTestFinished } from 'vitest'
import { startCoordinator, type Coordinator } from '../../support/coordinator.ts'
import { shared } from '../../support/hooks.ts'
import type { Lifetime } from '../../support/lifetime.ts'
import { startNode, type SyncNode } from '../../support/node.ts'
import { scratchDirectory } from '../../support/scratch.ts'
import { startBrowser, visit } from './browser.ts'

/** A coordinator, two nodes that share the folder `work`, and a browser: what the tests of a file share. */
export interface Stage {
  readonly life: Lifetime
  readonly scratch: string
  readonly coordinator: Coordinator
  readonly ash: SyncNode
  readonly birch: SyncNode
  readonly browser: Browser
}

/** `fill` puts files into the first node's directory before it joins. */
export function sharedStage(fill: (directory: string) => Promise<void> = async () => undefined): () => Stage {
  return shared(async (life) => {
    const scratch = await scratchDirectory(life, 'causeway-browser')
    const coordinator = await startCoordinator(life, { dataDir: join(scratch, 'coordinator') })
    await fill(join(scratch, 'ash'))
    const start = (name: string): Promise<SyncNode> => startNode(life, { coordinator, dir: join(scratch, name), name })
    const [ash, browser] = await Promise.all([start('ash'), startBrowser(life)])
    const birch = await start('birch')
    await ash.wait()
    return { life, scratch, coordinator, ash, birch, browser }
  })
}

/**
 * A page of the dashboard in a context of its own, closed with the test, which fails if anything went wrong in the
 * page that `expected` does not allow.
 */
export async function open(
  { coordinator, browser }: Pick<Stage, 'coordinator' | 'browser'>,
  path: string,
  options: BrowserContextOptions & { readonly expected?: RegExp } = {},
): Promise<Page> {
  const { expected, ...context } = options
  const { page, faults } = await visit(browser, new URL(path, coordinator.url).href, context)
  onTestFinished(async () => {
    await page.context().close()
    const unexpected = faults.filter((fault) => expected?.test(fault) !== true)
    if (unexpected.length > 0) throw new Error([...unexpected, coordinator.process.tail()].join('\n'))
  })
  return page
}

/** The same page, once it shows the present. */
export async function openLive(
  stage: Pick<Stage, 'coordinator' | 'browser'>,
  path: string,
  options: BrowserContextOptions & { readonly expected?: RegExp } = {},
): Promise<Page> {
  const page = await open(stage, path, options)
  await page.locator('[data-connection=live]').waitFor()
  return page
}
