/** `npm run setup`: installs the dependencies and Node, and does nothing where they are in place. */
import { ensureInstalled } from './bootstrap/install.mjs'
import { ROOT } from './bootstrap/run.mjs'

try {
  const node = ensureInstalled(ROOT)
  console.log(`Ready: dependencies as in package-lock.json, Node at ${node}`)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}
