import { FolderIdSchema } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { signalsConformance } from './conformance/signals-conformance.ts'
import { createSharedSignals, type SignalChannel } from './shared-signals.ts'

const SILENT = { debug() {}, info() {}, warn() {}, error() {} }

type Listener = Parameters<SignalChannel['subscribe']>[0]

/** Brings each word to the others a turn later. */
function channels(): { channel(): SignalChannel; readonly all: readonly Listener[] } {
  const all: { readonly owner: number; readonly listener: Listener }[] = []
  let count = 0
  return {
    get all() {
      return all.map(({ listener }) => listener)
    },
    channel() {
      const owner = count++
      return {
        publish: (text) =>
          queueMicrotask(() =>
            all.filter((one) => one.owner !== owner).forEach(({ listener }) => listener.heard(text)),
          ),
        subscribe: (listener) => all.push({ owner, listener }),
      }
    },
  }
}

signalsConformance('signals over a channel', async () => {
  const { channel } = channels()
  const [ash, birch] = [createSharedSignals(channel(), SILENT), createSharedSignals(channel(), SILENT)]
  return { ash, birch, close: async () => undefined }
})

test('words of other versions, and what is none, are passed over', () => {
  const wire = channels()
  const signals = createSharedSignals(wire.channel(), SILENT)
  const heard: unknown[] = []
  signals.subscribe('change', (key) => heard.push(key))
  const words = [
    '["from-tomorrow",{}]',
    'noise',
    '[]',
    '["change",{"folder":7}]',
    '["missed",{}]',
    '["change",{"folder":"docs"}]',
  ]
  for (const word of words) wire.all[0]?.heard(word)
  expect(heard).toEqual([{ folder: FolderIdSchema.parse('docs') }])
})

test('that words may have been lost is said here alone', async () => {
  const wire = channels()
  const [ash, birch] = [createSharedSignals(wire.channel(), SILENT), createSharedSignals(wire.channel(), SILENT)]
  const missed: string[] = []
  ash.subscribe('missed', () => missed.push('ash'))
  birch.subscribe('missed', () => missed.push('birch'))
  wire.all[0]?.missed()
  await Promise.resolve()
  expect(missed).toEqual(['ash'])
})
