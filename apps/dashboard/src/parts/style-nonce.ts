/** What style elements need to be let in by the policy that the coordinator sends the page with. */
export const STYLE_NONCE: string = document.querySelector<HTMLMetaElement>('meta[property=csp-nonce]')?.nonce ?? ''

// The lock on scrolling behind dialogs takes its own from here.
Reflect.set(globalThis, '__webpack_nonce__', STYLE_NONCE)
