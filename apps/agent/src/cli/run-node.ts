import { SyncError } from '@causeway/protocol'
import type { NodeAssignments } from '../assignments/node-assignments.ts'
import type { NodeRunner, NodeStatus } from '../runner/node-runner.ts'
import { serveControl, type ControlRequest } from '../state/control.ts'
import { stateOption } from '../state/locations.ts'
import type { StateDirectory } from '../state/state-directory.ts'
import { composeNode, proofPaceFrom, type ComposedNode } from './compose.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { settledExit } from './settled-exit.ts'
import { createStatusLine } from './status-line.ts'
import type { Terminal } from './terminal.ts'

const MOST_SECONDS_AWAY = 20

/** Runs a node in the foreground until it is interrupted, or, with `once`, until both directions are done. */
export async function runNode(
  state: StateDirectory,
  terminal: Terminal,
  options: { once: boolean },
): Promise<ExitCode> {
  const node = composeNode({
    state,
    proofPace: proofPaceFrom(terminal.env),
    stateOption: stateOption(state.locations.root, terminal.env),
    onStatus: () => line.changed(),
    onNotice: (text) => line.print(text),
  })
  const line = createStatusLine(terminal, () => node.runner.status)
  try {
    const control = await serveControl(state.locations.control, (request, signal) => {
      return answer(node, request, AbortSignal.any([signal, terminal.interrupted]))
    })
    try {
      node.runner.start()
      if (options.once) {
        const settled = await settleOnce(node.runner, terminal.interrupted)
        line.end()
        for (const { name, result } of settled) if (result.kind === 'done') terminal.print(`${name} is in sync`)
        return settledExit(terminal, settled, stateOption(state.locations.root, terminal.env))
      }
      await aborted(terminal.interrupted)
      return EXIT.ok
    } finally {
      await control.close()
    }
  } finally {
    line.end()
    await node.close()
  }
}

/** All that `causeway status` tells. */
export type RunningStatus = NodeStatus & Pick<NodeAssignments, 'offers' | 'former'>

function statusOf(runner: NodeRunner, { offers, former }: NodeAssignments): RunningStatus {
  return { ...runner.status, offers, former }
}

/** Waits until everything is done, but not for a coordinator that stays away. */
async function settleOnce(runner: NodeRunner, interrupted: AbortSignal) {
  const giveUp = new AbortController()
  let awaySeconds = 0
  const watch = setInterval(() => {
    const away = runner.status.folders.find(({ state }) => state === 'offline')
    awaySeconds = away === undefined ? 0 : awaySeconds + 1
    if (away !== undefined && awaySeconds >= MOST_SECONDS_AWAY) giveUp.abort(new SyncError('offline', away.reason))
  }, 1_000)
  try {
    return await runner.settle(AbortSignal.any([interrupted, giveUp.signal]))
  } finally {
    clearInterval(watch)
  }
}

async function answer(
  { runner, assignments }: ComposedNode,
  request: ControlRequest,
  signal: AbortSignal,
): Promise<unknown> {
  if (request.kind === 'status') return statusOf(runner, assignments)
  if (request.kind === 'accept') return assignments.accept(request.folder, request.directory)
  if (request.kind === 'decline') return assignments.decline(request.folder)
  if (request.kind === 'resume') return runner.resume(request.folder, request.choice)
  try {
    return await runner.settle(signal)
  } catch (cause) {
    throw new SyncError('offline', 'the node was stopped before it was in sync', { cause })
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
