/** A node that has nothing to send still answers a ping now and then: less than this a second is no transfer. */
const PINGS_BYTES_PER_SECOND = 64

/** Whether a rate is more than a connection needs to stay open. */
export function isTransfer(bytesPerSecond: number): boolean {
  return bytesPerSecond >= PINGS_BYTES_PER_SECOND
}
