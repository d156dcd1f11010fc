/** `npm run screenshots`: installs what is missing, then takes the pictures of the dashboard in docs/images. */
import { runOnNewNode } from './bootstrap/run.mjs'

await runOnNewNode('scripts/screenshots.ts', process.argv.slice(2))
