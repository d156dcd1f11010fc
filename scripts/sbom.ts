/**
 * `npm run sbom`: what the program consists of, from package-lock.json: `dist/sbom.cdx.json` (CycloneDX) and
 * `dist/licences.txt`. Exits with 1 if a licence is not on the list of those that may be used.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { isAllowed, licencesIn } from './supply/licences.ts'

const ROOT = join(import.meta.dirname, '..')
const OUT = join(ROOT, 'dist')

const ComponentSchema = z.looseObject({
  name: z.string(),
  version: z.string(),
  licenses: z.array(z.unknown()).optional(),
})
const BomSchema = z.looseObject({
  bomFormat: z.literal('CycloneDX'),
  metadata: z.looseObject({ component: ComponentSchema }),
  components: z.array(ComponentSchema),
})

main()

function main(): void {
  const licences = licencesIn(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'))
  const shipped = licences.filter(({ isTool }) => !isTool)
  const known = new Map(shipped.map(({ name, version, licence }) => [`${name}@${version}`, licence]))
  const bom = readBom()
  // npm names the project after its directory, and leaves out what a package's description does not say.
  bom.metadata.component.name = 'causeway'
  for (const component of bom.components) {
    const id = known.get(`${component.name}@${component.version}`)
    if (component.licenses === undefined && id !== undefined && id !== null) component.licenses = [{ license: { id } }]
  }
  mkdirSync(OUT, { recursive: true })
  writeFileSync(join(OUT, 'sbom.cdx.json'), `${JSON.stringify(bom, null, 2)}\n`)
  const lines = shipped.map(({ name, version, licence }) => `${name} ${version}: ${licence ?? 'unknown'}\n`)
  writeFileSync(join(OUT, 'licences.txt'), lines.join(''))
  console.log(
    `${bom.components.length} components in dist/sbom.cdx.json, ${shipped.length} licences in dist/licences.txt`,
  )
  const refused = licences.filter((one) => !isAllowed(one))
  for (const { name, version, licence } of refused)
    console.error(`${name} ${version}: ${licence ?? 'no licence found'}`)
  if (refused.length > 0) process.exitCode = 1
}

function readBom(): z.infer<typeof BomSchema> {
  const args = [
    'sbom',
    '--package-lock-only',
    '--omit',
    'dev',
    '--sbom-format',
    'cyclonedx',
    '--sbom-type',
    'application',
  ]
  return BomSchema.parse(
    JSON.parse(execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })),
  )
}
