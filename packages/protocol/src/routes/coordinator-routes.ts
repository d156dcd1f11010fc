import { AliveSchema, HealthSchema, MetricsSchema, ReadinessSchema } from '../rest.ts'
import { raw, route, SOCKET } from './route.ts'

const tags = ['metrics'] as const

/** The coordinator itself: whether it is there, what it measured, and what happens as it happens. */
export const COORDINATOR_ROUTES = {
  alive: route({
    method: 'GET',
    path: '/healthz',
    access: 'public',
    tags,
    summary: 'Whether the process answers; it looks at no store',
    response: AliveSchema,
  }),
  ready: route({
    method: 'GET',
    path: '/readyz',
    access: 'public',
    tags,
    summary: 'Whether requests should be sent here: both stores can be reached, and it is not stopping',
    response: ReadinessSchema,
    otherwise: { 503: ReadinessSchema },
  }),
  health: route({
    method: 'GET',
    path: '/health',
    access: 'public',
    tags,
    summary: 'Whether the coordinator answers and can read its metadata',
    response: HealthSchema,
  }),
  metrics: route({
    method: 'GET',
    path: '/api/metrics',
    access: 'admin',
    tags,
    summary: 'What was measured',
    response: MetricsSchema,
  }),
  prometheus: route({
    method: 'GET',
    path: '/metrics',
    access: 'admin',
    tags,
    summary: 'The same for Prometheus',
    response: raw('text/plain'),
  }),
  /** JSON both ways: `LiveMessageSchema`, `SubscribeMessageSchema`. */
  live: route({
    method: 'GET',
    path: '/ws',
    access: 'person',
    tags,
    summary: 'Events, presence and reports as they happen',
    response: SOCKET,
  }),
}
