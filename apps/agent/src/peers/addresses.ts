import { networkInterfaces } from 'node:os'
import { LIMITS } from '@causeway/protocol'

/** Where others may find this machine, the likeliest first: the address that was named, or all that its networks gave it. */
export function addressesOf(host: string | undefined): readonly string[] {
  if (host !== undefined) return [host]
  const all = Object.values(networkInterfaces()).flatMap((its) => its ?? [])
  // An address of one link only needs the name of the other's interface, which nobody knows.
  const outward = all.filter(({ internal, address }) => !internal && !address.startsWith('fe80:'))
  const byFamily = outward.toSorted((a, b) => a.family.localeCompare(b.family))
  const addresses = byFamily.map(({ address }) => address)
  return addresses.length === 0 ? ['127.0.0.1'] : addresses.slice(0, LIMITS.addressesPerPeer)
}
