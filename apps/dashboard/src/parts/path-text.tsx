import { printable } from '@causeway/protocol'
import { middleCut } from './format.ts'
import { isolated } from './isolated.ts'

/** A path, cut in its middle where it is long; whole in the tooltip. */
export function PathText({ path, most = 60 }: { readonly path: string; readonly most?: number }) {
  return (
    <bdi
      title={isolated(path)}
      style={{ fontFamily: 'var(--mantine-font-family-monospace)', overflowWrap: 'anywhere' }}
    >
      {middleCut(printable(path), most)}
    </bdi>
  )
}
