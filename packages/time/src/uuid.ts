import type { Random } from './ports.ts'

/** A random UUID (version 4). */
export function uuidOf(random: Pick<Random, 'hex'>): string {
  const hex = random.hex(16)
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16)
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, variant + hex.slice(17, 20), hex.slice(20)]
  return parts.join('-')
}
