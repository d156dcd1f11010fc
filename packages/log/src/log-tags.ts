import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Cursor, FolderId } from '@causeway/protocol'
import type { FolderRow } from '@causeway/store'

/**
 * The tags beside log positions. Each carries a signature that only this
 * coordinator can make, so a node that shows one shows what really was: where
 * the log does not bear it out, the log was set back.
 */
export interface LogTags {
  /** The tag of a new position, in the log as it stands. */
  make(folder: FolderRow, seq: number, nonce: string): string
  /** The era in which this coordinator gave out a cursor of the folder; null if it can't be shown that it did. */
  eraOf(folder: FolderId, cursor: Cursor): string | null
}

/** A log that was never set back. */
const FIRST_ERA = '00000000'
export const ERA_BYTES = 4
export const NONCE_BYTES = 8
const MAC_BYTES = 12
const SIGNED_BYTES = ERA_BYTES + NONCE_BYTES

/** `key` is hexadecimal, secret, and the same for as long as the coordinator lives. */
export function createLogTags(key: string): LogTags {
  const secret = Buffer.from(key, 'hex')

  function macOf(position: Pick<Cursor, 'epoch' | 'seq'> & { readonly folder: FolderId }, signed: Buffer): Buffer {
    const { folder, epoch, seq } = position
    const mac = createHmac('sha256', secret).update(`${folder}\n${epoch}\n${seq}\n`).update(signed)
    return mac.digest().subarray(0, MAC_BYTES)
  }

  return {
    make(folder, seq, nonce) {
      const signed = Buffer.from(currentEra(folder) + nonce, 'hex')
      const mac = macOf({ folder: folder.id, epoch: folder.epoch, seq }, signed)
      return Buffer.concat([signed, mac]).toString('base64url')
    },
    eraOf(folder, { epoch, seq, tag }) {
      const bytes = Buffer.from(tag, 'base64url')
      // Tags from before they were signed are shorter.
      if (bytes.length !== SIGNED_BYTES + MAC_BYTES || bytes.toString('base64url') !== tag) return null
      const signed = bytes.subarray(0, SIGNED_BYTES)
      const isOurs = timingSafeEqual(macOf({ folder, epoch, seq }, signed), bytes.subarray(SIGNED_BYTES))
      return isOurs ? signed.subarray(0, ERA_BYTES).toString('hex') : null
    },
  }
}

/** The era whose positions a folder's log is adding. */
export function currentEra({ setBack }: FolderRow): string {
  return setBack?.era ?? FIRST_ERA
}
