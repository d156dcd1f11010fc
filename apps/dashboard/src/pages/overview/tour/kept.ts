import { NOT_BEGUN, STEPS, type Progress, type StepId, type Tick } from './progress.ts'

/** Reads what a browser kept; whatever does not fit counts as nothing. */
export function readKept(text: string | null): Progress {
  const kept = parse(text)
  if (!isRecord(kept)) return NOT_BEGUN
  const { seen, open, done, dismissed } = kept
  return {
    seen: typeof seen === 'number' && Number.isSafeInteger(seen) && seen >= 0 ? seen : null,
    open: Array.isArray(open) ? open.filter((key) => typeof key === 'string') : null,
    done: isRecord(done) ? ticksOf(done) : {},
    dismissed: dismissed === true,
  }
}

function ticksOf(done: Record<string, unknown>): Progress['done'] {
  const ticks: Partial<Record<StepId, Tick>> = {}
  for (const step of STEPS) {
    const tick = done[step]
    if (isTick(tick)) ticks[step] = tick
  }
  return ticks
}

function isTick(value: unknown): value is Tick {
  if (!isRecord(value)) return false
  const { at, folder, entry, path, node, sizeBytes } = value
  const texts = [entry, path, node].every((text) => text === null || typeof text === 'string')
  const isSize = sizeBytes === null || typeof sizeBytes === 'number'
  return typeof at === 'string' && typeof folder === 'string' && texts && isSize
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function parse(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text)
  } catch {
    return null
  }
}
