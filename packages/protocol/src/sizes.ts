const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

/** A size for people: decimal units, at most one decimal. */
export function sizeInWords(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000
    unit++
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1
  return `${value.toFixed(digits)} ${UNITS[unit]}`
}

/** Bytes as an option gives them: plain, or in K, M, G or T of 1024 each. `undefined` for what is no size. */
export function parseSize(text: string): number | undefined {
  const parts = /^(\d{1,15})([KMGT]?)$/i.exec(text)
  const bytes = Number(parts?.[1]) * 1024 ** ' KMGT'.indexOf((parts?.[2] || ' ').toUpperCase())
  return Number.isSafeInteger(bytes) ? bytes : undefined
}
