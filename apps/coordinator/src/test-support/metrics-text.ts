import { FolderIdSchema, FolderReportSchema, LOG_START, NodeIdSchema, type FolderReport } from '@causeway/protocol'
import { ADMIN_TOKEN, run } from './running.ts'

/** What Prometheus is told by a coordinator to which nodes have reported folders in these states, two changes unsent in each. */
export async function metricsText({
  instance,
  reports = [],
}: {
  readonly instance: string
  readonly reports?: readonly FolderReport['state'][]
}): Promise<string> {
  await using running = await run({ instance })
  for (const [index, state] of reports.entries()) {
    const report = FolderReportSchema.parse({
      folder: FolderIdSchema.parse('default'),
      state,
      cursor: LOG_START.seq,
      pendingUp: 2,
      pendingDown: 0,
      problems: [],
      transfer: null,
      secondsLeft: null,
      halted: null,
      provedAt: null,
    })
    running.coordinator.presence.reported(NodeIdSchema.parse(`node-${index}`), report)
  }
  const answer = await fetch(`${running.url}/metrics`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } })
  return await answer.text()
}
