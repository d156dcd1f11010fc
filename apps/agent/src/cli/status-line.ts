import { problemAdvice } from '@causeway/protocol'
import type { FolderStatus } from '../runner/folder-status.ts'
import type { NodeStatus } from '../runner/node-runner.ts'
import { bytes, count, duration, plural } from './format.ts'
import { haltLines } from './halt-lines.ts'
import { printable } from './printing.ts'
import type { Terminal } from './terminal.ts'

/** Shows a running node: one line that is redrawn on a terminal, a line for each new state elsewhere. */
export interface StatusLine {
  /** The status may have changed; it is asked for when it is shown. */
  changed(): void
  /** Something that stays to be read. */
  print(line: string): void
  /** Leaves the last state standing. */
  end(): void
}

const REDRAW_MS = 100
const STANDS_MS = 500
/** While there is work, it is shown how far it has come: where lines are redrawn, and where each one stays. */
const TICK_MS = { redrawn: 1_000, listed: 5_000 }

export function createStatusLine(terminal: Terminal, status: () => NodeStatus): StatusLine {
  return terminal.isInteractive ? redrawn(terminal, status) : listed(terminal, status)
}

function redrawn(terminal: Terminal, status: () => NodeStatus): StatusLine {
  let shown = ''
  let ended = false
  let timer: NodeJS.Timeout | undefined
  let tick: NodeJS.Timeout | undefined

  function draw(): void {
    clearTimeout(timer)
    clearTimeout(tick)
    timer = undefined
    const { folders } = status()
    // Work that stands still tells of no change.
    if (!ended && folders.some(isBusy)) tick = setTimeout(draw, TICK_MS.redrawn)
    const line = folders
      .map(describe)
      .join('  |  ')
      .slice(0, Math.max(20, terminal.columns - 1))
    if (line === shown) return
    shown = line
    terminal.redraw(line)
  }

  return {
    changed() {
      if (!ended) timer ??= setTimeout(draw, REDRAW_MS)
    },
    print(line) {
      if (shown !== '') terminal.endRedrawing()
      shown = ''
      terminal.print(line)
      if (!ended) timer ??= setTimeout(draw, REDRAW_MS)
    },
    end() {
      ended = true
      draw()
      if (shown !== '') terminal.endRedrawing()
    },
  }
}

function listed(terminal: Terminal, status: () => NodeStatus): StatusLine {
  const shown = new Map<string, { readonly key: string; readonly line: string }>()
  let ended = false
  let timer: NodeJS.Timeout | undefined
  let tick: NodeJS.Timeout | undefined

  function list(isTick: boolean): void {
    clearTimeout(timer)
    timer = undefined
    const { folders } = status()
    for (const folder of folders) {
      const key = `${folder.state} ${folder.reason} ${folder.problems.length}`
      const line = describe(folder)
      const before = shown.get(folder.folder)
      const isNews = before?.key !== key || (isTick && isBusy(folder) && before.line !== line)
      if (!isNews) continue
      shown.set(folder.folder, { key, line })
      terminal.print(line)
    }
    if (folders.some(isBusy)) tick ??= setTimeout(ticked, TICK_MS.listed)
  }

  function ticked(): void {
    tick = undefined
    list(true)
  }

  return {
    changed() {
      // A state that lasts no longer than one save would make the log unreadable.
      if (!ended) timer ??= setTimeout(list, STANDS_MS, false)
    },
    print: (line) => terminal.print(line),
    end() {
      ended = true
      clearTimeout(timer)
      clearTimeout(tick)
    },
  }
}

/**
 * Everything that keeps a folder from being in sync: the path, the reason, and what to do. `stateOption` leads the
 * commands to this node.
 */
export function reasonsOf(folder: FolderStatus, stateOption: string): readonly string[] {
  const reasons = folder.problems.flatMap(problemLines)
  const { halted, conflicts } = folder
  if (halted !== null) {
    reasons.push(...haltLines({ id: folder.folder, name: folder.name }, halted, stateOption))
  }
  if (conflicts > 0) {
    reasons.push(
      `! ${plural(conflicts, 'conflict copy', 'conflict copies')} created: see "causeway conflicts${stateOption}"`,
    )
  }
  return reasons
}

/** What is wrong, where, and what to do about it. */
export function problemLines({ path, code, message }: FolderStatus['problems'][number]): readonly string[] {
  const where = path === '' ? '' : `${printable(path)}: `
  const advice = problemAdvice(code)
  return [`! ${where}${printable(message)} (${code})`, ...(advice === undefined ? [] : [`  ${advice}`])]
}

/** One folder in one line. */
export function describe(folder: FolderStatus): string {
  const { name, state, reason, pendingUp, pendingDown, problems } = folder
  const pending = [
    pendingUp > 0 ? `${count(pendingUp)} up` : '',
    pendingDown > 0 ? `${count(pendingDown)} down` : '',
    isBusy(folder) ? progressText(folder) : '',
    problems.length > 0 ? plural(problems.length, 'problem') : '',
  ].filter((part) => part !== '')
  const why = reason === '' ? '' : `: ${reason}`
  return `${name} ${state}${why}${pending.length > 0 ? ` (${pending.join(', ')})` : ''}`
}

/** True while something is done whose end can be waited for: what is held back, offline or paused has none. */
function isBusy({ state, work }: FolderStatus): boolean {
  return (state === 'syncing' || state === 'scanning') && work !== null
}

/** How far the work has come: files and directories, bytes, rate, time left. */
function progressText({ work, bytesPerSecond, isStalled, secondsLeft }: FolderStatus): string {
  if (work === null) return ''
  const { done, total, bytesTotal } = work
  const parts = [total > 1 ? `${count(done)} of ${count(total)} files and directories` : '']
  if (bytesTotal > 0) parts.push(`${bytes(work.bytes)} of ${work.isEstimate ? 'about ' : ''}${bytes(bytesTotal)}`)
  const isOver = done >= total && work.bytes >= bytesTotal
  if (isStalled) parts.push('stalled')
  else if (!isOver && bytesPerSecond >= 1) parts.push(`${bytes(bytesPerSecond)}/s`)
  if (!isStalled && !isOver && secondsLeft !== null) parts.push(`${duration(secondsLeft)} left`)
  return parts.filter((part) => part !== '').join(', ')
}
