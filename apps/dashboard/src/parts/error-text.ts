import { printable } from '@causeway/protocol'

/** What went wrong, for a person. Paths in it turn no text around. */
export function errorText(error: unknown): string {
  if (error instanceof Error && error.message !== '') return printable(error.message)
  return 'Something failed without giving a reason. Try again, and reload the page if it fails again.'
}
