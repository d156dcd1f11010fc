/** One line of a case's table. */
export interface Row {
  readonly what: string
  readonly cells: Readonly<Record<string, string>>
}

/** What a case measured: for people as a table, for programs as figures. */
export interface CaseReport {
  readonly name: string
  /** One line: what was copied. */
  readonly subject: string
  readonly rows: readonly Row[]
  readonly notes: readonly string[]
  readonly figures: Readonly<Record<string, unknown>>
}

/** A case's report as plain text, columns aligned. */
export function format({ name, subject, rows, notes }: CaseReport): string {
  const columns = [...new Set(rows.flatMap(({ cells }) => Object.keys(cells)))]
  const table = [
    ['', ...columns],
    ...rows.map(({ what, cells }) => [what, ...columns.map((column) => cells[column] ?? '')]),
  ]
  const widths = table[0]?.map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0))) ?? []
  const lines = table.map((line) =>
    `  ${line.map((cell, i) => pad(cell, widths[i] ?? 0, i === 0)).join('  ')}`.trimEnd(),
  )
  return [`${name}: ${subject}`, ...lines, ...notes.map((note) => `  ${note}`)].join('\n')
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 2 : 1)} MB`
}

export function ratio(ours: number, theirs: number): string {
  return `${(ours / theirs).toFixed(2)} times`
}

/** The value below which the given share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/** The usual cells of a copy: how long, how fast, what crossed the wire. */
export function copyCells(run: {
  seconds: number
  files: number
  bytes: number
  wireBytes: number
  backBytes: number
  peakBytes: string
}): Row['cells'] {
  return {
    seconds: run.seconds.toFixed(2),
    'files/s': run.files > 1 ? Math.round(run.files / run.seconds).toLocaleString('en') : '',
    'MB/s': (run.bytes / 1e6 / run.seconds).toFixed(1),
    'wire, data': megabytes(run.wireBytes),
    'wire, back': megabytes(run.backBytes),
    'peak memory': run.peakBytes,
  }
}

function pad(text: string, width: number, left: boolean): string {
  return left ? text.padEnd(width) : text.padStart(width)
}
