/** `npm run setup`: installs the dependencies and Node, builds the dashboard, and does nothing where all is in place. */
import { ensureBuilt } from './bootstrap/build.mjs'
import { ensureInstalled } from './bootstrap/install.mjs'
import { ROOT } from './bootstrap/run.mjs'

try {
  const node = ensureInstalled(ROOT)
  ensureBuilt(ROOT, node)
  console.log(`Ready: dependencies as in package-lock.json, Node at ${node}`)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}
