import { shellQuoted, type FileView, type NodeView } from '@causeway/protocol'
import { LARGE_BYTES } from './progress.ts'

/** A directory on a machine where a person can save files. */
export interface Place {
  readonly node: string
  readonly name: string
  readonly address: string
  /** Absolute, on that machine; `null` where it can't be told which of the node's directories it is. */
  readonly directory: string | null
}

/** What the tour makes for itself where there is no large file. */
export const PRACTICE_FILE = 'Large file of the tour.bin'
const SAVED_FILE = 'Saved on the tour.txt'
const RIVAL_FILE = 'Saved twice on the tour.txt'
/** A line at their end does them no harm. */
const TAKES_LINES = /\.(csv|tsv|txt|log|md)$/i

/** Where a folder can be written to, whoever is online first by name. */
export function placesOf(nodes: Iterable<NodeView>, folder: string): readonly Place[] {
  return [...nodes]
    .filter(({ online, revoked, folders }) => {
      const member = folders.find((one) => one.folder === folder)
      return online && !revoked && member !== undefined && !member.paused && member.access !== 'receive-only'
    })
    .toSorted((a, b) => a.name.localeCompare(b.name))
    .map(({ id, name, address, folders, watchDirectories }) => {
      const [only, ...more] = watchDirectories
      const isKnown = only !== undefined && more.length === 0 && folders.length === 1
      return { node: id, name, address, directory: isKnown ? only : null }
    })
}

/** The large file to edit: one that takes a line of text, the largest; else the tour's own. */
export function largeFileOf(files: readonly FileView[]): FileView | undefined {
  const large = files.filter(({ size }) => size >= LARGE_BYTES)
  const textual = large.filter(({ name }) => TAKES_LINES.test(name)).toSorted((a, b) => b.size - a.size)
  return textual[0] ?? large.find(({ name }) => name === PRACTICE_FILE)
}

export function saveCommand(directory: string): string {
  return `date >> ${shellQuoted(`${directory}/${SAVED_FILE}`)}`
}

/** 20 MB of noise, as no large file is there. */
export function makeLargeCommand(directory: string): string {
  return `head -c 20000000 /dev/urandom > ${shellQuoted(`${directory}/${PRACTICE_FILE}`)}`
}

export function editCommand(directory: string, path: string): string {
  return `echo 'one more line' >> ${shellQuoted(`${directory}/${path}`)}`
}

/** Two saves in the same moment, where both directories are on one machine. */
export function rivalCommand(places: readonly Place[]): string | undefined {
  const [first] = places
  const second = places.find((one) => one !== first && one.address === first?.address)
  const saves = [first, second].flatMap((place) => {
    if (place === undefined || place.directory === null) return []
    return [`echo ${shellQuoted(`saved on ${place.name}`)} > ${shellQuoted(`${place.directory}/${RIVAL_FILE}`)}`]
  })
  return saves.length === 2 ? saves.join('; ') : undefined
}
