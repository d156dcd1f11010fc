/** `npm start`: installs what is missing, then runs the demo. */
import { runOnNewNode } from './bootstrap/run.mjs'

await runOnNewNode('scripts/demo.ts', process.argv.slice(2))
