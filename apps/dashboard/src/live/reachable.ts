/**
 * Whether the coordinator answers, for what runs outside of React. Browsers remember for as long as a page lives that a
 * script could not be fetched, so none must be asked for while it does not.
 */
let reachable = true

export function noteReachable(now: boolean): void {
  reachable = now
}

export function isReachable(): boolean {
  return reachable
}
