/**
 * Runs a script of the repository on a Node that is new enough, after installing what is missing:
 * `node scripts/run.mjs bench/main.ts --quick`. It must run on the oldest Node that a host may have (20), without any
 * dependency.
 */
import { runOnNewNode } from './bootstrap/run.mjs'

const [script = '', ...args] = process.argv.slice(2)
await runOnNewNode(script, args)
