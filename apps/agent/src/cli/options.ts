import { InvalidArgumentError } from 'commander'

export const STATE_OPTION = [
  '--state <dir>',
  'where the node keeps what it knows (default: $CAUSEWAY_STATE, $XDG_STATE_HOME/causeway or ~/.causeway)',
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
