import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useEffect, useRef, useState, type RefObject } from 'react'
import { addressAfter, type Address, type AddressName } from './address.ts'

type Change = { readonly [Name in AddressName]?: string | undefined }

/** What the address of this page says, and how to say something else there. `isStep`: Back leads to what was before. */
export function useAddress(): { readonly said: Address; readonly say: (change: Change, isStep?: boolean) => void } {
  const said: Address = useSearch({ strict: false })
  const navigate = useNavigate()
  const say = useCallback(
    (change: Change, isStep = true): void => {
      const search = (before: Address): Address => addressAfter(before, change)
      void navigate({ to: '.', search, replace: !isStep, resetScroll: false })
    },
    [navigate],
  )
  return { said, say }
}

/** One of a few words, kept in the address unless it is the usual one. What is none of them counts as that. */
export function useChosen<Word extends string>(
  name: AddressName,
  known: readonly Word[],
  usual: Word,
): readonly [chosen: Word, choose: (word: string | null) => void] {
  const { said, say } = useAddress()
  const chosen = known.find((word) => word === said[name]) ?? usual
  return [chosen, (word) => say({ [name]: word === null || word === usual ? undefined : word }, false)]
}

/** What is typed into a field, kept in the address. While it is being typed, the field knows best. */
export function useTyped(name: AddressName): {
  readonly text: string
  readonly type: (text: string) => void
  readonly field: RefObject<HTMLInputElement | null>
} {
  const { said, say } = useAddress()
  const now = said[name] ?? ''
  const [text, setText] = useState(now)
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (document.activeElement !== field.current) setText(now)
  }, [now])
  function type(next: string): void {
    setText(next)
    say({ [name]: next }, false)
  }
  return { text, type, field }
}
