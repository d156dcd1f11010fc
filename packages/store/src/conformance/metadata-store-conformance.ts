import { describe } from 'vitest'
import type { MetadataStore } from '../metadata-store.ts'
import { auditCases } from './metadata/audit-cases.ts'
import { commitCases } from './metadata/commit-cases.ts'
import { collectionCases } from './metadata/collection-cases.ts'
import { digestCases } from './metadata/digest-cases.ts'
import { dumpCases } from './metadata/dump-cases.ts'
import { entryCases } from './metadata/entry-cases.ts'
import { eventCases } from './metadata/event-cases.ts'
import { fleetCases } from './metadata/fleet-cases.ts'
import { folderContentCases } from './metadata/folder-content-cases.ts'
import { historyCases } from './metadata/history-cases.ts'
import { listingCases } from './metadata/listing-cases.ts'
import { peopleCases } from './metadata/people-cases.ts'
import { signInCases } from './metadata/sign-in-cases.ts'
import { throughputCases } from './metadata/throughput-cases.ts'
import { transferCases } from './metadata/transfer-cases.ts'
import { transactionCases } from './metadata/transaction-cases.ts'
import { twoHandlesCases, type OpenTwice } from './metadata/two-handles-cases.ts'

/**
 * What every `MetadataStore` must do, as tests. `open` gives a new and empty
 * store each time; the suite closes it.
 */
export function metadataStoreConformance(name: string, open: () => Promise<MetadataStore>): void {
  describe(`${name} keeps the contract of a metadata store`, () => {
    describe('transactions', () => {
      transactionCases(open)
    })
    describe('entries', () => {
      entryCases(open)
    })
    describe('what a commit is decided on', () => {
      commitCases(open)
    })
    describe('directories as people look at them', () => {
      listingCases(open)
    })
    describe('digests', () => {
      digestCases(open)
    })
    describe('versions and the log', () => {
      historyCases(open)
    })
    describe('events', () => {
      eventCases(open)
    })
    describe('nodes, invites and settings', () => {
      fleetCases(open)
    })
    describe('people', () => {
      peopleCases(open)
    })
    describe('sign-ins', () => {
      signInCases(open)
    })
    describe('the audit log', () => {
      auditCases(open)
    })
    describe('transfers and savings', () => {
      transferCases(open)
    })
    describe('throughput', () => {
      throughputCases(open)
    })
    describe('what folders hold', () => {
      folderContentCases(open)
    })
    describe('what is taken from one store into another', () => {
      dumpCases(open)
    })
    describe('chunks, manifests and garbage', () => {
      collectionCases(open)
    })
  })
}

/** The same for a store that several processes may open: `openTwice` gives two handles on one new and empty database each time. */
export function manyWritersConformance(name: string, openTwice: OpenTwice): void {
  describe(`${name} keeps the contract for many writers`, () => {
    twoHandlesCases(openTwice)
  })
}
