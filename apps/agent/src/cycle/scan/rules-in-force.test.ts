import { createIgnoreRules } from '@causeway/engine'
import type { Stat } from '@causeway/replica'
import { expect, test } from 'vitest'
import { RulesInForce } from './rules-in-force.ts'

const times = { mtimeNs: 1n, ctimeNs: 1n, birthtimeNs: 1n }
const stat: Stat = { kind: 'file', size: 4, mode: 0o644, inode: 1n, device: 1n, ...times }

test('before anybody has looked for the file, the rules are of none', () => {
  const rules = new RulesInForce()
  expect(rules.areOf(undefined)).toBe(false)
  expect(rules.isFromFile).toBe(false)
})

test('rules read from a file are of it until it changes or goes', () => {
  const rules = new RulesInForce()
  rules.replace(createIgnoreRules('*.o'), stat)
  expect(rules.areOf({ ...stat })).toBe(true)
  expect(rules.areOf({ ...stat, mtimeNs: 2n })).toBe(false)
  expect(rules.areOf(undefined)).toBe(false)
})

test('no file is as good as a file: it is not looked for twice, and one that appears is noticed', () => {
  const rules = new RulesInForce()
  rules.replace(createIgnoreRules(''), undefined)
  expect(rules.areOf(undefined)).toBe(true)
  expect(rules.areOf(stat)).toBe(false)
})

test('rules say nothing of what is neither file, directory nor symlink', () => {
  const rules = new RulesInForce()
  rules.replace(createIgnoreRules('*'), stat)
  expect(rules.isIgnored('a.o', 'file')).toBe(true)
  expect(rules.isIgnored('a.o', 'other')).toBe(false)
})
