import fastifySwagger from '@fastify/swagger'
import fastifySwaggerUi from '@fastify/swagger-ui'
import { createJsonSchemaTransform } from 'fastify-type-provider-zod'
import type { App } from './app.ts'

/** OpenAPI, generated from the schemas of the routes, to be read at `/docs`. */
export async function addDocs(app: App): Promise<void> {
  await app.register(fastifySwagger, {
    openapi: {
      info: { title: 'Causeway coordinator', description: 'Folders, nodes, history and events.', version: '1' },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
    transform: createJsonSchemaTransform({
      zodToJsonConfig: {
        // An id is branded by a transform, which has no JSON schema of its own: on the wire it is a string.
        override: ({ zodSchema, jsonSchema }) => {
          if (zodSchema._zod.def.type === 'transform') jsonSchema.type = 'string'
        },
      },
    }),
  })
  await app.register(fastifySwaggerUi, { routePrefix: '/docs', staticCSP: true })
}
