/** Cuts, hashes and sends files, away from the page, so that the page stays quick. */
import { createClient } from '@causeway/client'
import { createChunker, type Chunker } from '@causeway/engine'
import { ChunkIdSchema, ContentHashSchema, isSyncError, type ChunkId } from '@causeway/protocol'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { sendFile } from './send-file.ts'
import type { FromWorker, ToWorker } from './worker-messages.ts'

interface Run {
  readonly stop: AbortController
  /** Set while the run is held. */
  gate: PromiseWithResolvers<void> | null
}

const client = createClient({ url: location.origin })
const runs = new Map<number, Run>()
/** Making a chunker costs as much as half a megabyte of cutting. */
const idleChunkers: Chunker[] = []

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  const run = runs.get(data.id)
  switch (data.kind) {
    case 'start':
      if (run === undefined) void send(data)
      else letGo(run)
      break
    case 'hold':
      if (run !== undefined) run.gate ??= Promise.withResolvers<void>()
      break
    case 'stop':
      if (run === undefined) break
      // A run that ends late must not be taken for one that was begun anew.
      runs.delete(data.id)
      run.stop.abort()
      letGo(run)
      break
  }
})

function letGo(run: Run): void {
  run.gate?.resolve()
  run.gate = null
}

async function send({ id, file, folder, path, owner }: ToWorker & { kind: 'start' }): Promise<void> {
  const run: Run = { stop: new AbortController(), gate: null }
  runs.set(id, run)
  const chunker = idleChunkers.pop() ?? createChunker()
  const ports = {
    missingChunks: (hashes: readonly ChunkId[]) => client.missingChunks(folder, hashes),
    uploadChunks: (frames: Blob) => client.uploadChunks(folder, frames),
    finishUpload: (finish: Parameters<typeof client.finishUpload>[1]) => client.finishUpload(folder, finish),
    chunker,
    digest,
    createWhole,
    wait,
  }
  const controls = {
    signal: run.stop.signal,
    untilGo: () => run.gate?.promise ?? Promise.resolve(),
    progress: (doneBytes: number, sentBytes: number) => tell({ kind: 'progress', doneBytes, sentBytes }),
    retrying: (why: string) => tell({ kind: 'retrying', why }),
  }
  try {
    const { view, sentBytes } = await sendFile(file, { path, owner: owner ?? undefined }, ports, controls)
    tell({ kind: 'arrived', seq: view.version, sentBytes })
  } catch (error) {
    tell({ kind: 'failed', why: whyOf(error) })
  } finally {
    if (runs.get(id) === run) runs.delete(id)
    idleChunkers.push(chunker)
  }

  function tell(happening: FromWorker['happening']): void {
    const message: FromWorker = { id, happening }
    if (runs.get(id) === run) postMessage(message)
  }
}

function whyOf(error: unknown): string {
  if (isSyncError(error, 'not-signed-in')) return 'Your session has ended. Reload the page and sign in again.'
  if (error instanceof DOMException && error.name === 'NotReadableError') {
    return 'The file was changed or removed on this computer after you chose it. Choose it again.'
  }
  return error instanceof Error ? error.message : String(error)
}

async function digest(bytes: Uint8Array<ArrayBuffer>): Promise<ChunkId> {
  // Outside of HTTPS and localhost a browser has no subtle crypto.
  const subtle = (globalThis.crypto as Partial<Crypto> | undefined)?.subtle
  const raw = subtle === undefined ? sha256(bytes) : new Uint8Array(await subtle.digest('SHA-256', bytes))
  return ChunkIdSchema.parse(bytesToHex(raw))
}

function createWhole() {
  const whole = sha256.create()
  return {
    update: (bytes: Uint8Array) => void whole.update(bytes),
    digest: () => ContentHashSchema.parse(bytesToHex(whole.digest())),
  }
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms)
    function done(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done)
  })
}
