import { Button } from '@mantine/core'
import { useAction } from '../../data/use-action.ts'
import { asJson } from './export.ts'

export interface SaveButtonsProps<T extends object> {
  /** The name of the file, without its ending, and of what is in it. */
  readonly name: string
  /** What to take along, as it is at the click. */
  rows(): readonly T[] | Promise<readonly T[]>
  asCsv(rows: readonly T[]): string
  readonly size?: 'xs' | 'sm'
}

/** Takes what is shown along, as CSV or as JSON. */
export function SaveButtons<T extends object>({ name, rows, asCsv, size = 'xs' }: SaveButtonsProps<T>) {
  const csv = useAction(`save the ${name}`, async () => save(`${name}.csv`, 'text/csv', asCsv(await rows())))
  const json = useAction(`save the ${name}`, async () => save(`${name}.json`, 'application/json', asJson(await rows())))
  return (
    <Button.Group>
      <Button
        variant="default"
        size={size}
        onClick={() => void csv.run()}
        loading={csv.busy}
        aria-label={`Save the ${name} as CSV`}
      >
        CSV
      </Button>
      <Button
        variant="default"
        size={size}
        onClick={() => void json.run()}
        loading={json.busy}
        aria-label={`Save the ${name} as JSON`}
      >
        JSON
      </Button>
    </Button.Group>
  )
}

/** Hands a text to the person as a file. */
function save(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
