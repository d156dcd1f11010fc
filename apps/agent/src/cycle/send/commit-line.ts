import { EMPTY_VECTOR, merge, withDot, type SentOperation } from '@causeway/engine'
import type { Operation, Outcome } from '@causeway/protocol'
import type { CycleContext } from '../cycle-context.ts'
import { keepProof } from '../pull/proof.ts'
import { CommitBatch, type Prepared } from './commit-batch.ts'

export interface CommitLineOptions {
  /** A person let the deletes through. */
  readonly approved: boolean
  /** What became of an operation. Called in one transaction for those of a commit, in their order. */
  onOutcome(prepared: Prepared, outcome: Outcome): void
  /** A commit was answered. */
  onAnswered(): void
}

/** Operations on their way: one commit is being sent while the next is put together. */
export class CommitLine {
  readonly #context: CycleContext
  readonly #options: CommitLineOptions
  #batch = new CommitBatch()
  #inFlight: Promise<void> = Promise.resolve()

  constructor(context: CycleContext, options: CommitLineOptions) {
    this.#context = context
    this.#options = options
  }

  /** Counters are taken in the order of sending. */
  takeCounter(): number {
    return this.#context.state.takeCounters(1)
  }

  add(operation: Operation, prepared: Omit<Prepared, 'sent'>, onDisk: SentOperation['onDisk']): void {
    const sent: SentOperation = { operation, node: this.#context.node, onDisk }
    this.#batch.add({ sent, ...prepared }, () => this.#clockBefore(operation.counter))
  }

  /** Sends what fills a commit. */
  async flushIfFull(): Promise<void> {
    if (this.#batch.isFull) await this.#flush()
  }

  /** Sends all, and resolves once it was answered. */
  async drain(): Promise<void> {
    await this.#flush()
    await this.#inFlight
  }

  /** Waits for the commit before, then sends this one without waiting for it. */
  async #flush(): Promise<void> {
    const batch = this.#batch
    if (batch.isEmpty) return
    this.#batch = new CommitBatch()
    await this.#inFlight
    this.#inFlight = this.#send(batch)
    this.#inFlight.catch(() => undefined)
  }

  async #send(batch: CommitBatch): Promise<void> {
    const { link, folder, state } = this.#context
    const response = await link.commit(folder, batch.request(this.#options.approved))
    state.transaction(() => {
      keepProof(state, response.receipt)
      batch.prepared.forEach((prepared, index) => {
        const outcome = response.outcomes[index]
        if (outcome !== undefined) this.#options.onOutcome(prepared, outcome)
      })
    })
    this.#options.onAnswered()
  }

  /** All the node had seen when the event happened, its own earlier events included. */
  #clockBefore(counter: number): Record<string, number> {
    const { state, node } = this.#context
    const own = counter > 1 ? withDot(EMPTY_VECTOR, node, counter - 1) : EMPTY_VECTOR
    return { ...merge(state.clock(), own) }
  }
}
