import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments, parseDocument } from 'yaml'
import { describe, expect, test } from 'vitest'
import { readConfig, SERVE_HELP } from '../apps/coordinator/src/config.ts'

const DEPLOY = join(import.meta.dirname, '../deploy')
const FILES = readdirSync(DEPLOY, { recursive: true, encoding: 'utf8', withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map(({ parentPath, name }) => join(parentPath, name).slice(DEPLOY.length + 1))

/** Variables that are read by others: Node, the launcher, a node, the S3 client, other images. */
const OTHERS = [
  'NODE_ENV',
  'NODE_COMPILE_CACHE',
  'CAUSEWAY_STATE',
  'CAUSEWAY_HEALTH_URL',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'S3_SECRET',
  'MINIO_ROOT_USER',
  'MINIO_ROOT_PASSWORD',
  'POSTGRES_USER',
  'POSTGRES_DB',
  'POSTGRES_PASSWORD',
]
/** What a person sets for Compose alone. */
const OF_COMPOSE = ['PUBLIC_HOST', 'TLS_PEM', 'POSTGRES_PASSWORD', 'S3_SECRET']

function textOf(file: string): string {
  return readFileSync(join(DEPLOY, file), 'utf8')
}

test.each(FILES.filter((file) => file.endsWith('.yaml')))('%s is YAML', (file) => {
  const documents = parseAllDocuments(textOf(file), { merge: true, uniqueKeys: true })
  expect(
    Array.isArray(documents) ? documents.flatMap(({ errors, warnings }) => [...errors, ...warnings]) : 'empty',
  ).toEqual([])
})

test.each(FILES.filter((file) => file.endsWith('.json')))('%s is JSON', (file) => {
  expect(() => JSON.parse(textOf(file)) as unknown).not.toThrow()
})

describe('what the examples set', () => {
  const variables = FILES.flatMap((file) => variablesIn(file).map((name) => [file, name] as const))

  test('are variables that somebody reads', () => {
    expect(variables.length).toBeGreaterThan(30)
    const known = new Set([...SERVE_HELP.matchAll(/\b[A-Z][A-Z_]{4,}\b/g)].map(([name]) => name))
    const unknown = variables.filter(([, name]) => !known.has(name) && ![...OTHERS, ...OF_COMPOSE].includes(name))
    expect(unknown).toEqual([])
  })

  test('are values that the coordinator takes', () => {
    const { 'x-environment': ofCompose, services } = parsed('compose.yaml')
    const settings = [ofCompose, services.north.environment, parsed('kubernetes/config.yaml').data]
    for (const environment of settings) {
      // As Compose fills in what the file beside it sets.
      const filled = Object.entries<string>(environment).map(([name, value]) => [
        name,
        value.replaceAll(/\$\{\w+(:\?)?\}/g, 'filled'),
      ])
      const given = { ...Object.fromEntries(filled), COORDINATOR_ALLOWED_HOSTS: 'a.example' }
      expect(readConfig(['--data', '/data'], given)).toMatchObject({
        drainSeconds: 20,
        trustedProxies: [expect.stringMatching(/\/\d+$/)],
      })
    }
  })

  test('are flags that the coordinator knows', () => {
    const args = [
      JSON.parse(/^CMD (\[.*\])$/m.exec(textOf('Dockerfile'))?.[1] ?? ''),
      parsed('kubernetes/deployment.yaml').spec.template.spec.containers[0].args,
      (/^ExecStart=\S+ (.*)$/m.exec(textOf('systemd/causeway-coordinator.service'))?.[1] ?? '').split(' '),
    ]
    for (const [serve, ...flags] of args) {
      expect(serve).toBe('serve')
      expect(readConfig(flags, {})).toMatchObject({ dataDirectory: expect.stringMatching(/^\//) })
    }
  })
})

test('nobody is killed before it had the time that it was given to stop', () => {
  const { 'x-environment': compose, 'x-coordinator': coordinator } = parsed('compose.yaml')
  expect(Number.parseInt(coordinator.stop_grace_period)).toBeGreaterThan(secondsOf(compose))
  const { data } = parsed('kubernetes/config.yaml')
  const { terminationGracePeriodSeconds } = parsed('kubernetes/deployment.yaml').spec.template.spec
  expect(terminationGracePeriodSeconds).toBeGreaterThan(secondsOf(data))
  const unit = /^TimeoutStopSec=(\d+)$/m.exec(textOf('systemd/causeway-coordinator.service'))
  expect(Number(unit?.[1])).toBeGreaterThan(secondsOf(data))
})

test('probes and balancers ask for what is there, each for what it is for', () => {
  const [container] = parsed('kubernetes/deployment.yaml').spec.template.spec.containers
  expect(container.readinessProbe.httpGet.path).toBe('/readyz')
  expect(container.livenessProbe.httpGet.path).toBe('/healthz')
  expect(container.startupProbe.httpGet.path).toBe('/healthz')
  for (const file of ['proxies/haproxy.cfg', 'proxies/Caddyfile']) expect(textOf(file)).toMatch(/uri \/readyz/)
  expect(textOf('Dockerfile')).toMatch(/CAUSEWAY_HEALTH_URL=\S+\/healthz/)
})

test('no example holds a secret, and what runs in a container is nobody special', () => {
  expect(textOf('compose.env.example')).toMatch(/^POSTGRES_PASSWORD=$[\s\S]*^S3_SECRET=$/m)
  expect(textOf('Dockerfile')).toMatch(/^USER node$/m)
  const { spec } = parsed('kubernetes/deployment.yaml').spec.template
  expect(spec.securityContext.runAsNonRoot).toBe(true)
  expect(spec.containers[0].securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  })
})

function secondsOf(environment: Record<string, string>): number {
  return Number(environment['DRAIN_NOTICE_SECONDS']) + Number(environment['DRAIN_SECONDS'])
}

/** Of a file of these alone; what is not there fails the test that reads it. */
function parsed(file: string): ReturnType<typeof JSON.parse> {
  return parseDocument(textOf(file), { merge: true }).toJS()
}

/** Every name that is set or asked for, however the file writes it. */
function variablesIn(file: string): string[] {
  const patterns = [
    /^Environment=([A-Z_0-9]+)=/gm,
    /\$\{([A-Z_0-9]+)[:}]/g,
    /\b([A-Z][A-Z_0-9]{3,}): /g,
    /^(?:ENV| {4}) ?([A-Z][A-Z_0-9]+)=/gm,
    /--from-literal=([A-Z_0-9]+)=/g,
    /name: ([A-Z][A-Z_0-9]+)$/gm,
  ]
  const isSetting = /^(Dockerfile|compose\.yaml|kubernetes\/.*|systemd\/.*)$/.test(file)
  return isSetting
    ? patterns.flatMap((pattern) => [...textOf(file).matchAll(pattern)].map(([, name = '']) => name))
    : []
}
