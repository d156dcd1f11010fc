import type { Connection } from '../live/live-state.ts'

/** What to say of a part of the page whose code could not be fetched. */
export function notLoadedWords(
  what: string,
  connection: Connection,
): { readonly title: string; readonly text: string } {
  const title = `${what} could not be loaded`
  if (connection === 'lost') {
    return {
      title,
      text: 'Its code comes from the coordinator, which cannot be reached at the moment. It loads once the coordinator is back.',
    }
  }
  return {
    title,
    text: 'Its code did not come from the coordinator. Try again; if Causeway has been updated since this page was opened, reload the page.',
  }
}
