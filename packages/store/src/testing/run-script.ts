import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** Starts a script in a process of its own; what it prints first is told. */
export function startScript(
  script: URL,
  args: readonly string[],
): {
  readonly child: ChildProcess
  readonly firstLine: Promise<string>
  readonly ended: Promise<unknown>
} {
  const child = spawn(process.execPath, [fileURLToPath(script), ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const firstLine = once(createInterface({ input: child.stdout }), 'line').then(([line]: unknown[]) => String(line))
  return { child, firstLine, ended }
}

/** Runs a script in a process of its own, to its end. Resolves to its exit code. */
export async function runScript(script: URL, args: readonly string[]): Promise<unknown> {
  const child = spawn(process.execPath, [fileURLToPath(script), ...args], { stdio: 'inherit' })
  const [code]: unknown[] = await once(child, 'exit')
  return code
}
