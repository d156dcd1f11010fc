import {
  addSavings,
  NO_SAVINGS,
  type Savings,
  type SavingsResponse,
  type TransferOrder,
  type EntryId,
  type TransfersResponse,
} from '@causeway/protocol'
import type { MetadataStore, TransferFilter } from '@causeway/store'
import type { Ledger } from './ledger.ts'

export interface SavingsReports {
  /** Sums since a moment (ISO 8601), or of all time. */
  savings(filter: TransferFilter, since?: string): Promise<SavingsResponse>
  /** The sums of all time, added up where they are kept. */
  total(): Promise<Savings>
  transfers(
    filter: TransferFilter & { readonly entry?: EntryId },
    page: { readonly order: TransferOrder; readonly before?: number; readonly limit: number },
  ): Promise<TransfersResponse>
}

/** What the ledger has written down, what ended a moment ago included. */
export function createSavingsReports(metadata: MetadataStore, ledger: Ledger): SavingsReports {
  return {
    async savings(filter, since) {
      await ledger.flush()
      const hours = await metadata.read((tx) => tx.savings(filter, since))
      const sum = (rows: readonly Savings[]): Savings => rows.reduce(addSavings, NO_SAVINGS)
      return {
        total: sum(hours),
        up: sum(hours.filter(({ direction }) => direction === 'up')),
        down: sum(hours.filter(({ direction }) => direction === 'down')),
        hours: [...hours],
      }
    },
    async total() {
      await ledger.flush()
      return metadata.read((tx) => tx.savingsTotal())
    },
    async transfers(filter, page) {
      await ledger.flush()
      return { transfers: [...(await metadata.read((tx) => tx.transfers(filter, page)))] }
    },
  }
}
