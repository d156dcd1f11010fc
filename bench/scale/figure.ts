/** One measured thing, and what it was to stay below. */
export interface ScaleFigure {
  readonly name: string
  readonly what: string
  readonly value: number
  readonly unit: 's' | 'MB' | '%'
  readonly limit?: number
}

export function formatFigure({ what, value, unit, limit }: ScaleFigure): string {
  const own = `${value.toFixed(unit === 'MB' ? 1 : 2)} ${unit}`
  if (limit === undefined) return `${what}: ${own}`
  const verdict = value <= limit ? 'reached' : `MISSED: ${(value / limit).toFixed(2)} ×`
  return `${what}: ${own} (to reach: ≤ ${limit} ${unit}: ${verdict})`
}
