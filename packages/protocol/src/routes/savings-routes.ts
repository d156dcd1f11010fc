import { SavingsQuerySchema, SavingsResponseSchema, TransfersQuerySchema, TransfersResponseSchema } from '../savings.ts'
import { ThroughputQuerySchema, ThroughputResponseSchema } from '../throughput.ts'
import { ADMIN, LISTS, PERSON } from './access.ts'
import { InFolder } from './params.ts'
import { route } from './route.ts'

const tags = ['savings'] as const

/** What crossed the wire, and what was saved: of everything for people, of one folder for its nodes too. */
export const SAVINGS_ROUTES = {
  throughput: route({
    method: 'GET',
    path: '/api/v1/throughput',
    ...PERSON,
    tags,
    summary: 'What moved in the last hour or day, over time',
    query: ThroughputQuerySchema,
    response: ThroughputResponseSchema,
  }),
  all: route({
    method: 'GET',
    path: '/api/v1/savings',
    ...ADMIN,
    tags,
    summary: 'What crossed the wire and what was saved',
    query: SavingsQuerySchema,
    response: SavingsResponseSchema,
  }),
  ofFolder: route({
    method: 'GET',
    path: '/api/v1/folders/:folder/savings',
    ...LISTS,
    tags,
    summary: 'The same for one folder',
    params: InFolder,
    query: SavingsQuerySchema,
    response: SavingsResponseSchema,
  }),
  transfers: route({
    method: 'GET',
    path: '/api/v1/transfers',
    ...ADMIN,
    tags,
    summary: 'Single transfers, with what each saved',
    query: TransfersQuerySchema,
    response: TransfersResponseSchema,
  }),
  transfersOfFolder: route({
    method: 'GET',
    path: '/api/v1/folders/:folder/transfers',
    ...LISTS,
    tags,
    summary: 'The same for one folder',
    params: InFolder,
    query: TransfersQuerySchema,
    response: TransfersResponseSchema,
  }),
}
