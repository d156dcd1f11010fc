/** `npm run load`: installs what is missing, then drives many nodes at once. */
import { runOnNewNode } from './bootstrap/run.mjs'

await runOnNewNode('bench/load/main.ts', process.argv.slice(2))
