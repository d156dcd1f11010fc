import { generateKeyPairSync, sign } from 'node:crypto'
import { beforeEach, expect, test } from 'vitest'
import { FolderIdSchema, formatPeerToken, NodeIdSchema, peerGrantMessage, type PeerGrant } from '@causeway/protocol'
import { createGrantCheck, type GrantCheck } from './grant-check.ts'

const [docs, other] = [FolderIdSchema.parse('docs'), FolderIdSchema.parse('other')]
const [ash, oak, elm] = ['ash', 'oak', 'elm'].map((name) => NodeIdSchema.parse(name)) as [never, never, never]
const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const key = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString('base64')
const GRANT: PeerGrant = { folder: docs, giver: ash, taker: oak, untilMs: 1_000_000 }

let nowMs: number
let grants: GrantCheck

beforeEach(() => {
  nowMs = 500
  grants = createGrantCheck({ coordinator: 'c', node: ash, now: () => nowMs })
  grants.learn({ key, nowMs: 900_000 })
})

test('a token of the coordinator for this node and folder says who shows it', () => {
  expect(grants.check(tokenOf(GRANT), docs)).toBe(oak)
})

test('a token is good until it runs out by the coordinator’s clock, whatever the clock here says', () => {
  nowMs += 99_999
  expect(grants.check(tokenOf(GRANT), docs)).toBe(oak)
  nowMs += 1
  expect(() => grants.check(tokenOf(GRANT), docs)).toThrow('has expired')
})

test('a token for another folder, another giver, or from another coordinator or key is refused', () => {
  expect(() => grants.check(tokenOf(GRANT), other)).toThrow('another folder')
  expect(() => grants.check(tokenOf({ ...GRANT, giver: elm }), docs)).toThrow('another node')
  expect(() => grants.check(tokenOf(GRANT, 'another'), docs)).toThrow('not signed by the coordinator')
  const forger = generateKeyPairSync('ed25519').privateKey
  expect(() => grants.check(tokenOf(GRANT, 'c', forger), docs)).toThrow('not signed by the coordinator')
})

test('a token of which any part was changed is refused', () => {
  const [folder, giver, , untilMs, signature] = tokenOf(GRANT).split('~')
  expect(() => grants.check([folder, giver, elm, untilMs, signature].join('~'), docs)).toThrow('not signed')
  expect(() => grants.check([folder, giver, oak, '9000000', signature].join('~'), docs)).toThrow('not signed')
  for (const junk of ['', 'a~b', `${tokenOf(GRANT)}~x`, 'x'.repeat(10_000), tokenOf(GRANT).slice(0, -1)]) {
    expect(() => grants.check(junk, docs)).toThrow('no token of a coordinator')
  }
})

test('before the node has signed in, nobody is given anything', () => {
  const fresh = createGrantCheck({ coordinator: 'c', node: ash, now: () => nowMs })
  expect(() => fresh.check(tokenOf(GRANT), docs)).toThrow('has not heard from its coordinator')
})

function tokenOf(grant: PeerGrant, coordinator = 'c', by = privateKey): string {
  return formatPeerToken(grant, sign(null, Buffer.from(peerGrantMessage(coordinator, grant)), by).toString('base64url'))
}
