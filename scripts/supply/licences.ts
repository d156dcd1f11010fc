import { z } from 'zod'

/** Licences under which a package may be part of what people run. */
const SHIPPED = [
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'Unlicense',
]
/** Tools that build and test, and are handed to nobody, may have these as well. */
const OF_TOOLS = [...SHIPPED, 'MPL-2.0']

/** Packages whose description names no licence in a form that npm reads, and where it was read instead. */
const READ_BY_HAND: Readonly<Record<string, string>> = {
  // In its LICENSE.
  busboy: 'MIT',
  dicer: 'MIT',
  streamsearch: 'MIT',
  // In its Readme.
  'humanize-number': 'MIT',
  only: 'MIT',
}

const LockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      license: z.string().optional(),
      dev: z.boolean().optional(),
      link: z.boolean().optional(),
      optionalDependencies: z.record(z.string(), z.string()).optional(),
    }),
  ),
})

export interface Licensed {
  readonly name: string
  readonly version: string
  /** As SPDX writes it; null where nobody knows. */
  readonly licence: string | null
  /** Not part of what people run. */
  readonly isTool: boolean
}

/** Every package of a lock file with its licence, by name. */
export function licencesIn(lockFile: string): readonly Licensed[] {
  const { packages } = LockSchema.parse(JSON.parse(lockFile))
  const foreign = Object.entries(packages).filter(([path, { link }]) => path.includes('node_modules/') && link !== true)
  // A binary for one system is a part of the package that asks for it, and its description says less.
  const ofWhole = new Map(
    foreign.flatMap(([, { license, optionalDependencies = {} }]) => {
      return Object.keys(optionalDependencies).map((part) => [part, license] as const)
    }),
  )
  return foreign
    .map(([path, { version = '', license, dev }]) => {
      const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
      return {
        name,
        version,
        licence: license ?? READ_BY_HAND[name] ?? ofWhole.get(name) ?? null,
        isTool: dev === true,
      }
    })
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}

/** True for a licence, or a choice between several, that may be used where the package is. */
export function isAllowed({ licence, isTool }: Pick<Licensed, 'licence' | 'isTool'>): boolean {
  if (licence === null) return false
  const allowed = isTool ? OF_TOOLS : SHIPPED
  return licence
    .replaceAll(/[()]/g, '')
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((one) => allowed.includes(one.trim())))
}
