import { useLayoutEffect, useRef, type RefObject } from 'react'

/** Rows that come and go above what is being read must not shove it. */
export function useStaying(box: RefObject<HTMLDivElement | null>, keys: readonly string[], rowPx: number): void {
  const before = useRef(keys)
  useLayoutEffect(() => {
    const old = before.current
    before.current = keys
    const list = box.current
    if (list === null || old === keys || list.scrollTop < rowPx) return
    const top = Math.floor(list.scrollTop / rowPx)
    if (old[top] === keys[top]) return
    const known = new Map(keys.map((key, at) => [key, at]))
    for (let at = top; at < old.length; at++) {
      const now = known.get(old[at] ?? '')
      if (now === undefined) continue
      list.scrollTop += (now - at) * rowPx
      return
    }
  }, [box, keys, rowPx])
}
