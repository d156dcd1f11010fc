import { useEffect, useRef, useState, type RefObject } from 'react'

/** The width of an element in CSS pixels, as it is now; `first` until it has been measured. */
export function useWidth(first: number): { box: RefObject<HTMLDivElement | null>; width: number } {
  const box = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(first)
  useEffect(() => {
    const element = box.current
    if (element === null) return
    const observer = new ResizeObserver(() => setWidth(element.clientWidth))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  return { box, width }
}
