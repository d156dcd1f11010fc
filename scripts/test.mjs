/** `npm test`: installs what is missing, then runs every check and test. */
import { runOnNewNode } from './bootstrap/run.mjs'

await runOnNewNode('scripts/check.ts', process.argv.slice(2))
