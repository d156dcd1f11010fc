type Listener = () => void
const listeners = new Set<Listener>()

/** Opens the list of keys, wherever it is shown. */
export function showHelp(): void {
  for (const listener of listeners) listener()
}

export function onHelp(listener: Listener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
