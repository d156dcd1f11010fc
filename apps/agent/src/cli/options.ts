import { InvalidArgumentError } from 'commander'

export const STATE_OPTION = [
  '--state <dir>',
  'where the node keeps what it knows (default: $CAUSEWAY_STATE, $XDG_STATE_HOME/causeway or ~/.causeway)',
] as const

export const ACCEPT_INTO_OPTION = [
  '--accept-into <dir>',
  'take folders that this node is given without asking, each into a new directory of its name below this one ' +
    '(kept for the next start)',
] as const

export const BASE_CACHE_OPTION = [
  '--base-cache <size>',
  'what copies of former contents may take on the disk, in all folders together, to send less of an edited file: ' +
    'bytes, or like 512M or 2G; 0 keeps none (kept for the next start; at first 1G)',
] as const

/** A port, as an option gives it. */
export function parsePort(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('a port is a number from 0 to 65535')
  return port
}

/** Seconds, as an option gives them. */
export function parseSeconds(text: string): number {
  const seconds = Number(text)
  if (!/^\d+(\.\d+)?$/.test(text) || seconds > 1e6)
    throw new InvalidArgumentError('seconds are a number, like 30 or 0.5')
  return seconds
}

export function parsePositive(text: string): number {
  const value = Number(text)
  if (!/^\d{1,15}$/.test(text) || value < 1) throw new InvalidArgumentError('this must be a whole number from 1 on')
  return value
}

/** Bytes, as an option gives them: plain, or in K, M, G or T of 1024 each. */
export function parseBytes(text: string): number {
  const parts = /^(\d{1,15})([KMGT]?)$/i.exec(text)
  const bytes = Number(parts?.[1]) * 1024 ** ' KMGT'.indexOf((parts?.[2] || ' ').toUpperCase())
  if (!Number.isSafeInteger(bytes)) throw new InvalidArgumentError('a size is a number of bytes, or like 512M or 2G')
  return bytes
}
