import { CloseButton, Drawer } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useEffect, useEffectEvent, useId, type ReactNode } from 'react'
import { isTyping } from '../app/shortcuts.ts'
import { isolated } from './isolated.ts'
import { Name } from './name.tsx'
import look from './detail.module.css'

/** Whether what is chosen stands beside what it was chosen from, or over it. */
export function useIsBeside(): boolean {
  return useMediaQuery('(min-width: 1100px)', false, { getInitialValueInEffect: false })
}

/** A list and, beside it where there is room, what is known of the one that was chosen from it. */
export function Pair({ children }: { readonly children: ReactNode }) {
  return <div className={look.pair}>{children}</div>
}

/** All that is known of one thing: a part of the page beside its list or, on a narrow screen, a drawer over it. */
export function Detail(props: {
  readonly title: string
  /** The level of its heading: one below what it belongs to. */
  readonly level?: 2 | 3
  /** Buttons beside the title. */
  readonly tools?: ReactNode
  readonly children: ReactNode
  onClose(): void
}) {
  const { title, level = 3, tools, children, onClose } = props
  const Heading = `h${level}` as const
  const isBeside = useIsBeside()
  const id = useId()
  useEscape(isBeside, onClose)
  if (!isBeside) {
    return (
      <Drawer
        opened
        onClose={onClose}
        position="right"
        size="min(860px, 100%)"
        title={<Name text={title} style={{ overflowWrap: 'anywhere', fontWeight: 650 }} />}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {tools}
        {children}
      </Drawer>
    )
  }
  return (
    <section className={look.detail} aria-labelledby={id}>
      <div className={look.head}>
        <Heading id={id} title={isolated(title)}>
          <Name text={title} />
        </Heading>
        {tools}
        <CloseButton aria-label="Close" onClick={onClose} />
      </div>
      {children}
    </section>
  )
}

/** Escape closes what stands beside, wherever the keys are, unless something on top of it takes the key. */
function useEscape(isOn: boolean, onEscape: () => void): void {
  const escape = useEffectEvent(onEscape)
  useEffect(() => {
    if (!isOn) return undefined
    function pressed(event: KeyboardEvent): void {
      if (event.key !== 'Escape' || event.defaultPrevented || isTyping(event.target)) return
      const above = [...document.querySelectorAll('[role=dialog], [role=menu]')]
      // What was closed may be in the page for a while, out of sight.
      if (!above.some((element) => element.checkVisibility())) escape()
    }
    window.addEventListener('keydown', pressed)
    return () => window.removeEventListener('keydown', pressed)
  }, [isOn])
}
