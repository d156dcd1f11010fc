import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** Runs a script in a process of its own, to its end. Resolves to its exit code. */
export async function runScript(script: URL, args: readonly string[]): Promise<unknown> {
  const child = spawn(process.execPath, [fileURLToPath(script), ...args], { stdio: 'inherit' })
  const [code]: unknown[] = await once(child, 'exit')
  return code
}
