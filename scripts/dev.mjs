/** `npm run dev`: installs what is missing, then runs coordinator and dashboard, restarted on every change. */
import { runOnNewNode } from './bootstrap/run.mjs'

await runOnNewNode('scripts/dev.ts', process.argv.slice(2))
