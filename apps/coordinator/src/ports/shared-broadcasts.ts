import { deflateRawSync, inflateRawSync } from 'node:zlib'
import {
  ComingSchema,
  decode,
  encode,
  FolderIdSchema,
  FolderReportSchema,
  HaltDecisionSchema,
  NodeIdSchema,
  NodeTrafficSchema,
  TransferSchema,
} from '@causeway/protocol'
import type { Log, SignalChannel } from '@causeway/log'
import type { Random } from '@causeway/time'
import { z } from 'zod'
import { createBroadcasts, type BroadcastMessages, type Broadcasts } from './broadcasts.ts'

const Speaker = z.string().min(1).max(64)

/** What crosses between processes, by topic. Whoever wrote it could write to the database: it is checked for its form alone. */
const CARRIED: { readonly [Topic in keyof BroadcastMessages]: z.ZodType<BroadcastMessages[Topic]> } = {
  report: z.object({ from: Speaker, node: NodeIdSchema, report: FolderReportSchema }),
  linked: z.object({ from: Speaker, node: NodeIdSchema, isLinked: z.boolean() }),
  'all-linked': z.object({ from: Speaker, nodes: z.array(NodeIdSchema) }),
  'who-is-linked': z.object({ from: Speaker }),
  'halt-settled': z.object({
    folder: FolderIdSchema,
    node: NodeIdSchema.nullable(),
    choice: HaltDecisionSchema.shape.choice,
  }),
  traffic: z.object({ from: Speaker, nodes: z.array(NodeTrafficSchema) }),
  transfers: z.array(TransferSchema),
  coming: z.object({ folder: FolderIdSchema, node: NodeIdSchema, coming: ComingSchema }),
}

/** Tells these words from others on the same channel. */
const WORD = 'cast'
/** A channel takes no long words: so much of one goes in a part. */
const PART_CHARS = 6_800
const MOST_PARTS = 64
const MOST_BYTES = 8 * 1024 * 1024
/** So many words of which parts are still awaited are kept. */
const MOST_AWAITED = 64

/**
 * Broadcasts between processes: those of this one come at once, and those of
 * others as the channel brings them. A long one goes in parts; one of which a
 * part is lost is lost.
 */
export function createSharedBroadcasts(
  channel: SignalChannel,
  { log, random }: { readonly log: Log; readonly random: Pick<Random, 'hex'> },
): Broadcasts {
  const here = createBroadcasts(log)
  const speaker = random.hex(8)
  let said = 0

  function hear<Topic extends keyof BroadcastMessages>(topic: Topic, bytes: Uint8Array): void {
    here.publish(topic, decode(CARRIED[topic], bytes))
  }

  const awaited = createAwaited()
  channel.subscribe({
    heard(text) {
      const whole = awaited.take(text)
      if (whole === undefined || !isTopic(whole.topic)) return
      try {
        const bytes = inflateRawSync(Buffer.from(whole.data, 'base64'), { maxOutputLength: MOST_BYTES })
        hear(whole.topic, new Uint8Array(bytes))
      } catch (error) {
        log.debug({ err: error, topic: whole.topic }, 'a word of another coordinator was not understood')
      }
    },
    missed: () => undefined,
  })
  return {
    publish(topic, message) {
      here.publish(topic, message)
      const data = deflateRawSync(encode(message), { level: 1 }).toString('base64')
      const parts = Math.max(1, Math.ceil(data.length / PART_CHARS))
      if (parts > MOST_PARTS) {
        log.debug({ topic, chars: data.length }, 'too long a word for other coordinators is said here alone')
        return
      }
      const id = `${speaker}-${++said}`
      for (let part = 0; part < parts; part++) {
        const piece = data.slice(part * PART_CHARS, (part + 1) * PART_CHARS)
        channel.publish(JSON.stringify([WORD, id, part, parts, topic, piece]))
      }
    },
    subscribe: here.subscribe,
  }
}

const Part = z.tuple([
  z.literal(WORD),
  z.string().max(64),
  z.int().min(0),
  z.int().min(1).max(MOST_PARTS),
  z.string().max(64),
  z.string().max(PART_CHARS),
])

interface Awaited {
  readonly topic: string
  readonly parts: number
  readonly pieces: Map<number, string>
}

/** Puts the parts of words together, in whatever order they come. */
function createAwaited() {
  const words = new Map<string, Awaited>()
  return {
    /** The word that this was the last missing part of. */
    take(text: string): { readonly topic: string; readonly data: string } | undefined {
      const parsed = Part.safeParse(partsOf(text))
      if (!parsed.success) return undefined
      const [, id, part, parts, topic, piece] = parsed.data
      if (part >= parts) return undefined
      const word = words.get(id) ?? { topic, parts, pieces: new Map() }
      words.set(id, word)
      word.pieces.set(part, piece)
      if (word.pieces.size < word.parts) {
        const [oldest] = words.keys()
        if (words.size > MOST_AWAITED && oldest !== undefined) words.delete(oldest)
        return undefined
      }
      words.delete(id)
      const inOrder = Array.from({ length: word.parts }, (_, at) => word.pieces.get(at) ?? '')
      return { topic: word.topic, data: inOrder.join('') }
    },
  }
}

function isTopic(topic: string): topic is keyof BroadcastMessages {
  return Object.hasOwn(CARRIED, topic)
}

function partsOf(text: string): unknown {
  // Most of what the channel carries is for others.
  if (!text.startsWith(`["${WORD}"`)) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
