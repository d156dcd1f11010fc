import { randomBytes } from 'node:crypto'
import { FolderIdSchema, NodeIdSchema, type FolderReport } from '@causeway/protocol'
import { systemRandom } from '@causeway/time'
import { expect, test } from 'vitest'
import type { BroadcastMessages } from './broadcasts.ts'
import { createSharedBroadcasts } from './shared-broadcasts.ts'

const SILENT = { debug() {}, info() {}, warn() {}, error() {} }
const ADA = NodeIdSchema.parse('ada')
const FOLDER = FolderIdSchema.parse('docs')
/** PostgreSQL takes no longer ones. */
const MOST_CHARS = 7_500

test('each kind of word comes to the others as it was said, and once to whoever said it', () => {
  const { ash, birch } = pair()
  const messages: BroadcastMessages = {
    report: { from: 'a', node: ADA, report: reportOf('idle') },
    linked: { from: 'a', node: ADA, isLinked: true },
    'all-linked': { from: 'a', nodes: [ADA] },
    'who-is-linked': { from: 'a' },
    'halt-settled': { folder: FOLDER, node: null, choice: 'let-go' },
    traffic: { from: 'a', nodes: [{ node: ADA, upBytesPerSecond: 1.5, downBytesPerSecond: 0, roundTripMs: null }] },
    transfers: [],
    coming: {
      folder: FOLDER,
      node: ADA,
      coming: { upload: 'u', sizeBytes: 5, first: 0, chunks: new Uint8Array([1, 2]) },
    },
  }
  const check = <Topic extends keyof BroadcastMessages>(topic: Topic): void => {
    const [here, there]: [unknown[], unknown[]] = [[], []]
    ash.subscribe(topic, (message) => here.push(message))
    birch.subscribe(topic, (message) => there.push(message))
    ash.publish(topic, messages[topic])
    expect([here, there]).toEqual([[messages[topic]], [messages[topic]]])
  }
  for (const topic of TOPICS) check(topic)
})

test('a word that is too long for the channel goes in parts; where one of them is lost, nothing is said', () => {
  const { ash, birch, wire } = pair()
  const heard: unknown[] = []
  birch.subscribe('coming', (message) => heard.push(message))
  const chunks = new Uint8Array(randomBytes(36 * 1000))
  const message = { folder: FOLDER, node: ADA, coming: { upload: 'u', sizeBytes: 5, first: 0, chunks } }
  ash.publish('coming', message)
  expect(wire.said.length).toBeGreaterThan(3)
  expect(Math.max(...wire.said.map((text) => Buffer.byteLength(JSON.stringify(text))))).toBeLessThan(MOST_CHARS)
  expect(heard).toEqual([message])
  wire.losing = 2
  ash.publish('coming', message)
  expect(heard).toHaveLength(1)
  ash.publish('linked', { from: 'a', node: ADA, isLinked: true })
  ash.publish('coming', message)
  expect(heard).toHaveLength(2)
})

test('words of signals, of other versions, and what is none, are passed over', () => {
  const { birch, wire } = pair()
  const heard: unknown[] = []
  birch.subscribe('linked', (message) => heard.push(message))
  for (const text of [
    '["change",{"folder":"docs"}]',
    '["cast","x",0,1,"from-tomorrow","AA=="]',
    '["cast","x",0,1,"linked","bm9pc2U="]',
    '["cast","x",4,1,"linked",""]',
    '["cast"',
    'noise',
  ]) {
    wire.bring(text)
  }
  expect(heard).toEqual([])
})

const TOPICS = [
  'report',
  'linked',
  'all-linked',
  'who-is-linked',
  'halt-settled',
  'traffic',
  'transfers',
  'coming',
] as const satisfies readonly (keyof BroadcastMessages)[]

function pair() {
  const wire = new Wire()
  const options = { log: SILENT, random: systemRandom }
  return {
    wire,
    ash: createSharedBroadcasts(wire.channel(), options),
    birch: createSharedBroadcasts(wire.channel(), options),
  }
}

/** Brings each word to all but whoever said it. */
class Wire {
  readonly said: string[] = []
  /** The one to be lost, counted from now. */
  losing = 0
  readonly #listeners: ((text: string) => void)[] = []

  channel() {
    const own = this.#listeners.length
    return {
      publish: (text: string) => {
        this.said.push(text)
        if (--this.losing === 0) return
        for (const [at, hear] of this.#listeners.entries()) if (at !== own) hear(text)
      },
      subscribe: ({ heard }: { heard(text: string): void }) => void this.#listeners.push(heard),
    }
  }

  bring(text: string): void {
    for (const hear of this.#listeners) hear(text)
  }
}

function reportOf(state: FolderReport['state']): FolderReport {
  return { folder: FOLDER, state, cursor: 3, pendingUp: 0, pendingDown: 0, problems: [], transfer: null }
}
