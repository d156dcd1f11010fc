/** `npm run bench`: installs what is missing, then measures. */
import { runOnNewNode } from './bootstrap/run.mjs'

await runOnNewNode('bench/main.ts', process.argv.slice(2))
