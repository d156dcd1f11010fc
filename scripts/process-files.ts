/**
 * Whole-process tests run twice: as whoever runs the checks (in a container root, who may read and write everything),
 * and as an ordinary user with a umask of 077. A file named here runs once, as the ordinary user: it is about the
 * network, about who may do what, or about figures, and not about what a node finds and may do on a disk. What is
 * not named here, a new file for instance, runs both ways.
 */
const ONCE: readonly string[] =
  'access bench-peers black-hole chunks-in-s3 given-folders http malicious-coordinator malicious-node node-peers openid people rolling-restart savings set-clock throughput tls'
    .split(' ')
    .map((name) => `${name}.test.ts`)

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
