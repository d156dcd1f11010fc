import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { FOLDERS } from './tool.ts'

/** Makes the two roots of a tool, each with the folders of the cases. */
export async function rootsOf(scratch: string): Promise<{ readonly rootA: string; readonly rootB: string }> {
  const [rootA, rootB] = [join(scratch, 'a'), join(scratch, 'b')]
  for (const root of [rootA, rootB]) for (const folder of FOLDERS) await mkdir(join(root, folder), { recursive: true })
  return { rootA, rootB }
}
