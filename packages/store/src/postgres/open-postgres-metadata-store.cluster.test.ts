import { manyWritersConformance, metadataStoreConformance } from '../conformance/metadata-store-conformance.ts'
import { freshSchema } from '../testing/fresh-schema.ts'
import { openPostgresMetadataStore } from './open-postgres-metadata-store.ts'

metadataStoreConformance('PostgreSQL', () => openPostgresMetadataStore({ url: freshSchema() }))
manyWritersConformance('PostgreSQL', async () => {
  const url = freshSchema()
  return [await openPostgresMetadataStore({ url }), await openPostgresMetadataStore({ url })]
})
