import type { FolderStatus } from '../runner/folder-status.ts'
import type { NodeStatus } from '../runner/node-runner.ts'
import { bytes, duration, plural } from './format.ts'
import { haltLines } from './halt-lines.ts'
import { printable } from './printing.ts'
import type { Terminal } from './terminal.ts'

/** Shows a running node: one line that is redrawn on a terminal, a line for each new state elsewhere. */
export interface StatusLine {
  /** The status may have changed; it is asked for when it is shown. */
  changed(): void
  /** Leaves the last state standing. */
  end(): void
}

const REDRAW_MS = 100
const STANDS_MS = 500

export function createStatusLine(terminal: Terminal, status: () => NodeStatus): StatusLine {
  return terminal.isInteractive ? redrawn(terminal, status) : listed(terminal, status)
}

function redrawn(terminal: Terminal, status: () => NodeStatus): StatusLine {
  let shown = ''
  let ended = false
  let timer: NodeJS.Timeout | undefined

  function draw(): void {
    timer = undefined
    const line = status()
      .folders.map(describe)
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
    end() {
      ended = true
      clearTimeout(timer)
      draw()
      if (shown !== '') terminal.endRedrawing()
    },
  }
}

function listed(terminal: Terminal, status: () => NodeStatus): StatusLine {
  const shown = new Map<string, string>()
  let ended = false
  let timer: NodeJS.Timeout | undefined

  function list(): void {
    clearTimeout(timer)
    timer = undefined
    for (const folder of status().folders) {
      const key = `${folder.state} ${folder.reason} ${folder.problems.length}`
      if (shown.get(folder.folder) === key) continue
      shown.set(folder.folder, key)
      terminal.print(describe(folder))
    }
  }

  return {
    changed() {
      // A state that lasts no longer than one save would make the log unreadable.
      if (!ended) timer ??= setTimeout(list, STANDS_MS)
    },
    end() {
      ended = true
      clearTimeout(timer)
    },
  }
}

/** Everything that keeps a folder from being in step: the path, the reason, and what to do. */
export function reasonsOf(folder: FolderStatus): readonly string[] {
  const reasons = folder.problems.map(({ path, code, message }) => {
    return `! ${path === '' ? '' : `${printable(path)}: `}${printable(message)} (${code})`
  })
  const { halted, conflicts } = folder
  if (halted !== null) {
    reasons.push(...haltLines(folder.name, halted))
  }
  if (conflicts > 0) {
    reasons.push(`! ${plural(conflicts, 'conflict copy', 'conflict copies')} came about: see "causeway conflicts"`)
  }
  return reasons
}

/** One folder in one line. */
export function describe(folder: FolderStatus): string {
  const { name, state, reason, pendingUp, pendingDown, problems, transfer } = folder
  const pending = [
    pendingUp > 0 ? `${pendingUp} up` : '',
    pendingDown > 0 ? `${pendingDown} down` : '',
    transfer === null ? '' : transferText(folder, transfer),
    problems.length > 0 ? plural(problems.length, 'problem') : '',
  ].filter((part) => part !== '')
  const why = reason === '' ? '' : `: ${reason}`
  return `${name} ${state}${why}${pending.length > 0 ? ` (${pending.join(', ')})` : ''}`
}

function transferText(folder: FolderStatus, transfer: NonNullable<FolderStatus['transfer']>): string {
  const left = transfer.bytesTotal - transfer.bytes
  const files = transfer.filesTotal > 0 ? `${transfer.files}/${transfer.filesTotal} files, ` : ''
  const done = `${files}${bytes(transfer.bytes)} of ${bytes(transfer.bytesTotal)}`
  if (left <= 0) return done
  const { bytesPerSecond, isStalled, secondsLeft } = folder
  if (isStalled) return `${done}, stalled`
  return `${done}, ${bytes(bytesPerSecond)}/s${secondsLeft === null ? '' : `, ${duration(secondsLeft)} left`}`
}
