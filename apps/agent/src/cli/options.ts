import { InvalidArgumentError } from 'commander'
import { parseSize } from '@causeway/protocol'

export const STATE_OPTION = [
  '--state <dir>',
  'where the node keeps its state (default: $CAUSEWAY_STATE, $XDG_STATE_HOME/causeway or ~/.causeway)',
] as const

export const ACCEPT_INTO_OPTION = [
  '--accept-into <dir>',
  'accept folders given to this node automatically, each into a new directory of its name below this one ' +
    '(remembered)',
] as const

export const BASE_CACHE_OPTION = [
  '--base-cache <size>',
  'disk space for copies of earlier contents, over all folders, kept so that less of an edited file is sent: ' +
    'in bytes, or like 512M or 2G; 0 keeps none (remembered; default 1G)',
] as const

export const PEERS_OPTION = [
  '--peers <[host:]port|off>',
  'give chunks to other nodes of the same folders on this port, of all addresses of this machine unless one is named ' +
    '(remembered; off at first)',
] as const

/** Where to listen for other nodes, as an option gives it; null for nowhere. */
export function parsePeers(text: string): { readonly host?: string; readonly port: number } | null {
  if (text === 'off') return null
  const parts = /^(?:\[([^\]]+)\]:|([^:]+):)?(\d+)$/.exec(text)
  if (parts === null) throw new InvalidArgumentError('must be a port, an address and a port like 10.0.0.7:7777, or off')
  const host = parts[1] ?? parts[2]
  return { port: parsePort(parts[3] ?? ''), ...(host !== undefined && { host }) }
}

/** A port, as an option gives it. */
export function parsePort(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('must be a port number from 0 to 65535')
  return port
}

/** Seconds, as an option gives them. */
export function parseSeconds(text: string): number {
  const seconds = Number(text)
  if (!/^\d+(\.\d+)?$/.test(text) || seconds > 1e6)
    throw new InvalidArgumentError('must be a number of seconds, like 30 or 0.5')
  return seconds
}

export function parsePositive(text: string): number {
  const value = Number(text)
  if (!/^\d{1,15}$/.test(text) || value < 1) throw new InvalidArgumentError('must be a whole number of at least 1')
  return value
}

/** Bytes, as an option gives them: plain, or in K, M, G or T of 1024 each. */
export function parseBytes(text: string): number {
  const bytes = parseSize(text)
  if (bytes === undefined) throw new InvalidArgumentError('must be a number of bytes, or like 512M or 2G')
  return bytes
}
