/**
 * Text with everything shown that a screen or a terminal would obey or a
 * reader would not see: control characters, line breaks, and what turns the
 * direction of text. Escapes are those of JSON. What is printable already
 * stays as it is.
 */
export function printable(text: string): string {
  return text.replace(STEERING, (character) => {
    if (character === '\n') return '\\n'
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

const STEERING = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu
