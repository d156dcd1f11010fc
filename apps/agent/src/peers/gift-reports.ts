import type { ContentHash, NodeId, PeersGave } from '@causeway/protocol'
import type { Timer, Timers } from '@causeway/time'

/** Tells the coordinator what other nodes gave of one content: every second while anything comes, and at the end. */
export interface GiftReports {
  gave(node: NodeId, bytes: number, wrong: boolean): void
  end(): void
}

const REPORT_EVERY_MS = 1_000

export function createGiftReports(
  content: ContentHash,
  { timers, tell }: { readonly timers: Timers; tell(told: PeersGave): Promise<void> },
): GiftReports {
  let got = new Map<NodeId, { bytes: number; wrong: boolean }>()
  let timer: Timer | undefined
  let telling = false

  function add(node: NodeId, bytes: number, wrong: boolean): void {
    const known = got.get(node) ?? { bytes: 0, wrong: false }
    got.set(node, { bytes: known.bytes + bytes, wrong: known.wrong || wrong })
  }

  async function report(): Promise<void> {
    if (got.size === 0 || telling) return
    telling = true
    const told = got
    got = new Map()
    try {
      await tell({ content, got: [...told].map(([node, gift]) => ({ node, ...gift })) })
    } catch {
      // The coordinator is away: it hears of it another time, or never, which hurts no file.
      for (const [node, { bytes, wrong }] of told) add(node, bytes, wrong)
    } finally {
      telling = false
    }
  }

  return {
    gave(node, bytes, wrong) {
      add(node, bytes, wrong)
      timer ??= timers.every(REPORT_EVERY_MS, () => void report()).unref()
    },
    end() {
      timer?.cancel()
      void report()
    },
  }
}
