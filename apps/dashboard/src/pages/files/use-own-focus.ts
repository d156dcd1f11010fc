import { useRef, type FocusEvent } from 'react'

/**
 * Calls back when the keys come to an element itself. What a pointer does there says by itself what it means, and the
 * focus of something within is not the element's own.
 */
export function useOwnFocus(focused: () => void): {
  onPointerDownCapture(): void
  onFocus(event: FocusEvent): void
} {
  const isPointing = useRef(false)
  return {
    onPointerDownCapture() {
      isPointing.current = true
      // The focus follows within the same press.
      const ends = ['pointerup', 'pointercancel', 'dragend'] as const
      const end = (): void => {
        isPointing.current = false
        for (const type of ends) window.removeEventListener(type, end, true)
      }
      for (const type of ends) window.addEventListener(type, end, true)
    },
    onFocus({ target, currentTarget }) {
      if (target === currentTarget && !isPointing.current) focused()
    },
  }
}
