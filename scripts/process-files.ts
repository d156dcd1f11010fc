/**
 * Whole-process tests run twice: as whoever runs the checks (in a container root, who may read and write everything),
 * and as an ordinary user with a umask of 077. A file named here runs once, as the ordinary user: it is about the
 * network, the coordinator's stores, who may do what, or figures, and not about what a node finds and may do on a
 * disk. What is not named here, a new file for instance, runs both ways.
 */
const ONCE: readonly string[] = [
  'access.test.ts',
  'black-hole.test.ts',
  'chunks-in-s3.test.ts',
  'command-line.test.ts',
  'concurrent.test.ts',
  'damaged-chunk.test.ts',
  'demo-samples.test.ts',
  'given-folders.test.ts',
  'http.test.ts',
  'idle-is-proved.test.ts',
  'hostile-requests.test.ts',
  'malicious-coordinator.test.ts',
  'malicious-node.test.ts',
  'node-peers.test.ts',
  'openid.test.ts',
  'people.test.ts',
  'restored-coordinator.test.ts',
  'rolling-restart.test.ts',
  'savings.test.ts',
  'set-clock.test.ts',
  'throughput.test.ts',
  'tls.test.ts',
]

/**
 * Of all files with whole-process tests those that run both ways. Throws an `Error` where a file that is to run once
 * is not there: under a new name it would run both ways, and nobody would notice.
 */
export function filesThatRunTwice(all: readonly string[], once = ONCE): readonly string[] {
  const gone = once.filter((name) => !all.includes(name))
  if (gone.length > 0)
    throw new Error(`${gone.join(', ')}: not in tests/ any more, but still in scripts/process-files.ts`)
  return all.filter((name) => !once.includes(name))
}
