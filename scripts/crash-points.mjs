/** `npm run crash-points`: installs what is missing, then tries crash points. */
import { runOnNewNode } from './bootstrap/run.mjs'

await runOnNewNode('tests/crash-points/main.ts', process.argv.slice(2))
