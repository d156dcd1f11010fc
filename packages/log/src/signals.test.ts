import { signalsConformance } from './conformance/signals-conformance.ts'
import { createSignals } from './signals.ts'

const SILENT = { debug() {}, info() {}, warn() {}, error() {} }

signalsConformance('signals within a process', async () => {
  const signals = createSignals(SILENT)
  return { ash: signals, birch: signals, close: async () => undefined }
})
