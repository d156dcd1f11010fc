import { join } from 'node:path'
import { describeS3Place, type S3Place } from '@causeway/store'
import { databaseName } from '../stores/open-stores.ts'

/** Where an installation is, or is to be. */
export interface Place {
  readonly dataDirectory: string
  readonly databasePath: string
  /** A PostgreSQL in place of the file, or null. May hold a password: never to be shown. */
  readonly databaseUrl: string | null
  /** Where packs are, if not in the data directory. */
  readonly chunks: S3Place | undefined
}

export function packsPath({ dataDirectory }: Place): string {
  return join(dataDirectory, 'packs')
}

/** For people. */
export function packsName(place: Place): string {
  return place.chunks === undefined ? packsPath(place) : describeS3Place(place.chunks)
}

/** For people. */
export function placeName(place: Place): string {
  return `${databaseName(place)} and ${packsName(place)}`
}

export function isSameDatabase(a: Place, b: Place): boolean {
  return databaseName(a) === databaseName(b)
}

/** True where only the database is copied, and says of the same packs what the old one said. */
export function isSamePacks(a: Place, b: Place): boolean {
  return packsName(a) === packsName(b)
}
