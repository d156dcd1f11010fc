import { createIgnoreRules, IGNORE_FILE, joinPath, type IgnoreRules } from '@causeway/engine'
import { LIMITS, ROOT_ID, type EntryId } from '@causeway/protocol'
import type { RelativePath } from '@causeway/replica'
import { bringBack } from '../base-edits.ts'
import type { CycleContext } from '../cycle-context.ts'
import type { CycleReportBuilder } from '../cycle-report-builder.ts'

/** The text of the rules that the base was last compared under; kept so that a change is noticed over a restart too. */
const RULES = 'ignore-rules'

/**
 * Reads the folder's ignore rules again if their file changed. A rule that
 * makes no sense is told, not obeyed. What stops being ignored and is not on
 * this disk was not deleted: nobody looked. It comes back.
 */
export async function refreshIgnoreRules(context: CycleContext, cycleReport: CycleReportBuilder): Promise<void> {
  await readAgain(context, cycleReport)
  for (const { pattern, message } of context.memory.scan.rules.problems)
    cycleReport.problem(IGNORE_FILE, 'bad-pattern', `${pattern}: ${message}`)
}

async function readAgain(context: CycleContext, cycleReport: CycleReportBuilder): Promise<void> {
  const { files, memory, state } = context
  const stat = await files.stat(IGNORE_FILE)
  const inForce = memory.scan.rules
  if (inForce.areOf(stat)) return
  const text = stat === undefined ? '' : ((await readText(files)) ?? '')
  const rules = createIgnoreRules(text)
  const former = state.setting(RULES) ?? text
  if (former !== text) await bringBackUnignored(context, createIgnoreRules(former), rules)
  if (state.setting(RULES) !== text) state.putSetting(RULES, text)
  cycleReport.ignoreRulesChanged = inForce.isFromFile || stat !== undefined
  inForce.replace(rules, stat)
}

/**
 * The base keeps what became ignored, so that an edit made meanwhile is known
 * for one. But if an entry is gone, or something of another kind is there, the
 * base must not speak for it: that would read as a delete.
 */
async function bringBackUnignored(context: CycleContext, former: IgnoreRules, rules: IgnoreRules): Promise<void> {
  const { files, state } = context
  const directories: { readonly id: EntryId; readonly path: RelativePath }[] = [{ id: ROOT_ID, path: '' }]
  for (const directory of directories) {
    for (const entry of state.baseChildren(directory.id)) {
      const path = joinPath(directory.path, entry.name)
      const { kind } = entry.content
      const isUnignored = former.isIgnored(path, kind) && !rules.isIgnored(path, kind)
      if (isUnignored && (await files.stat(path))?.kind !== kind) bringBack(context, entry)
      else if (kind === 'directory') directories.push({ id: entry.id, path })
    }
  }
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
