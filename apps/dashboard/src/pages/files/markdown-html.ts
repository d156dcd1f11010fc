import { micromark } from 'micromark'
import { gfm, gfmHtml } from 'micromark-extension-gfm'

/** What is in a file can't be trusted with the page: markup in it is text, and pictures from elsewhere are not asked for. */
const SAFE = { disable: { null: ['htmlFlow', 'htmlText', 'labelStartImage'] } }

/**
 * Markdown as HTML that holds nothing but what Markdown itself has: no markup of the file, no address that runs
 * something, no picture. Links to other sites open by themselves and tell nobody where one came from.
 */
export function markdownHtml(text: string): string {
  const html = micromark(text, { extensions: [gfm(), SAFE], htmlExtensions: [gfmHtml()] })
  // The renderer writes every link in this one form; in text, "<" stands escaped.
  return html.replace(/<a href="([^"]*)"/g, (link, address: string) =>
    /^https?:\/\//i.test(address) ? `${link} target="_blank" rel="noopener noreferrer"` : '<a',
  )
}
