/**
 * PostgreSQL keeps no NUL in text and fails on one, also in a question. Where a
 * stranger may type one, it is replaced, as the driver does with whatever else
 * UTF-8 has no form for.
 */
export function storable(text: string): string {
  return text.replaceAll('\0', '\u{FFFD}')
}
