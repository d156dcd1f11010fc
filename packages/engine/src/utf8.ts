/** The length of a text in UTF-8. A lone surrogate counts as the three bytes of its replacement character. */
export function utf8Length(text: string): number {
  let bytes = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) bytes += 1
    else if (unit < 0x800) bytes += 2
    else if (isHigh(unit) && isLow(text.charCodeAt(i + 1))) {
      bytes += 4
      i++
    } else bytes += 3
  }
  return bytes
}

function isHigh(unit: number): boolean {
  return 0xd800 <= unit && unit <= 0xdbff
}

function isLow(unit: number): boolean {
  return 0xdc00 <= unit && unit <= 0xdfff
}
