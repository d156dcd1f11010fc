/** What the tabs of this browser that show Causeway have agreed on. */
export interface Tabs {
  /** A person is looking at one of them. */
  isLookedAt(): boolean
  /** Of all tabs one notifies. */
  speaksForAll(): boolean
  close(): void
}

const SPEAKER = 'causeway-speaker'
const LOOKED_AT = 'causeway-looked-at'
/** How long another tab's word counts that somebody looks at it. */
const WORD_MS = 3_000

/** Locks and messages between tabs are the browser's; both end with the tab. */
export function createTabs(): Tabs {
  const channel = new BroadcastChannel(LOOKED_AT)
  let otherAtMs = -Infinity
  let isSpeaker = false
  let giveUp: (() => void) | undefined
  let isClosed = false

  const isMine = (): boolean => document.visibilityState === 'visible' && document.hasFocus()
  const tell = (): void => {
    if (isMine()) channel.postMessage(null)
  }
  channel.addEventListener('message', () => {
    otherAtMs = performance.now()
  })
  const timer = setInterval(tell, WORD_MS / 3)
  window.addEventListener('focus', tell)
  void navigator.locks.request(SPEAKER, () => {
    if (isClosed) return
    isSpeaker = true
    return new Promise<void>((resolve) => {
      giveUp = resolve
    })
  })

  return {
    isLookedAt: () => isMine() || performance.now() - otherAtMs < WORD_MS,
    speaksForAll: () => isSpeaker,
    close() {
      isClosed = true
      clearInterval(timer)
      window.removeEventListener('focus', tell)
      channel.close()
      giveUp?.()
    },
  }
}
