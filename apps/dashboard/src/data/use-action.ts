import { notifications } from '@mantine/notifications'
import { useState } from 'react'
import { errorText } from '../parts/error-text.ts'

export interface Action<Args extends readonly unknown[]> {
  readonly busy: boolean
  /** True if it worked. What failed is told to the person. */
  run(...args: Args): Promise<boolean>
}

/** Something that a person asked for. `what` completes the sentence "Could not …". */
export function useAction<Args extends readonly unknown[]>(
  what: string,
  work: (...args: Args) => Promise<unknown>,
): Action<Args> {
  const [busy, setBusy] = useState(false)
  return {
    busy,
    async run(...args) {
      setBusy(true)
      try {
        await work(...args)
        return true
      } catch (error) {
        const message = errorText(error)
        notifications.show({ title: `Could not ${what}`, message, color: 'red', autoClose: 10_000 })
        return false
      } finally {
        setBusy(false)
      }
    },
  }
}
