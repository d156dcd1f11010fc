import { createIgnoreRules, IGNORE_FILE } from '@causeway/engine'
import { LIMITS } from '@causeway/protocol'
import { isSame } from '@causeway/replica'
import type { CycleContext } from './cycle-context.ts'
import type { Tally } from './tally.ts'

/** Reads the folder's ignore rules again if their file changed. A rule that makes no sense is told, not obeyed. */
export async function refreshIgnoreRules({ files, memory }: CycleContext, tally: Tally): Promise<void> {
  const stat = await files.stat(IGNORE_FILE)
  const before = memory.rulesStat
  if (stat === undefined ? before === undefined : before !== undefined && isSame(before, stat)) return
  tally.ignoreRulesChanged = before !== undefined || stat !== undefined
  memory.rulesStat = stat
  memory.rules = createIgnoreRules(stat === undefined ? null : await readText(files))
  for (const problem of memory.rules.problems)
    tally.problem(IGNORE_FILE, 'bad-pattern', `${problem.pattern}: ${problem.message}`)
}

async function readText(files: CycleContext['files']): Promise<string | null> {
  const file = await files.open(IGNORE_FILE)
  if (file === undefined) return null
  try {
    return new TextDecoder().decode(await file.read(0, Math.min(file.stat.size, LIMITS.chunkBytes)))
  } finally {
    await file.close()
  }
}
