/** Loads a call that gives the C library's free memory back to the system. One that does nothing where there is none. Never fails. */
export async function loadFreeMemory(): Promise<() => void> {
  if (process.platform !== 'linux') return () => undefined
  try {
    const koffi = (await import('koffi')).default
    const trim = koffi.load('libc.so.6').func('int malloc_trim(size_t kept)')
    return () => void trim(0)
  } catch {
    return () => undefined
  }
}
