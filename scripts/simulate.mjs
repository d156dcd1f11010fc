/** `npm run simulate`: installs what is missing, then runs simulated worlds. */
import { runOnNewNode } from './bootstrap/run.mjs'

await runOnNewNode('tests/simulation/main.ts', process.argv.slice(2))
