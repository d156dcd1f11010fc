import type { Command } from 'commander'
import { SyncError } from '@causeway/protocol'

/** Dispatched by the launcher to the coordinator; defined here so that help and completion show everything. */
export function addServeStub(program: Command): void {
  program
    .command('serve')
    .description('run a coordinator: causeway serve --data DIR (see causeway serve --help)')
    .option('--data <dir>', 'where all data is kept')
    .option('--host <host>', 'address to listen on')
    .option('--port <port>', 'port for nodes and API')
    .option('--dashboard-port <port>', 'port for the dashboard')
    .option('--chunks <url>', 'an S3-compatible store for contents')
    .option('--database <url>', 'a PostgreSQL for all else')
    .option('--bus <url>', 'a NATS server for hints between coordinators')
    .option('--trust-proxy <networks>', 'trusted proxies')
    .option('--tls', 'speak TLS on loopback too')
    .option('--tls-cert <file>', 'your own certificate')
    .option('--tls-key <file>', 'and its key')
    .option('--insecure-http', 'plain HTTP on an address that others can reach')
    .option('--reserve <size>', 'how much of the disk new contents leave free')
    .option('--drain <seconds>', 'how long a stop waits for requests in progress')
    .option('--drain-notice <seconds>', 'how long a stop keeps answering after /readyz has turned')
    .option('--no-auth', 'turn sign-in off')
    .option('--rebuild-index', 'read all packs into the index first')
    .action(() => startedByLauncher('serve'))
}

/** The same for what copies an installation. `restore` is a node's command, too: the launcher tells them apart. */
export function addMovingStubs(program: Command): void {
  program
    .command('migrate')
    .description('move an installation to other stores (see causeway migrate --help)')
    .option('--data <dir>', 'its data directory')
    .option('--database <url>', 'its PostgreSQL')
    .option('--chunks <url>', 'its S3-compatible store')
    .option('--to-database <url>', 'a PostgreSQL')
    .option('--to-chunks <url>', 'an S3-compatible store')
    .option('--to-data <dir>', 'another data directory')
    .option('--dry-run', 'say what would be copied')
    .option('--reopen', 'take the mark off an installation that was moved')
    .action(() => startedByLauncher('migrate'))
  program
    .command('backup')
    .description('back an installation up, while it runs (see causeway backup --help)')
    .option('--data <dir>', 'its data directory')
    .option('--database <url>', 'its PostgreSQL')
    .option('--chunks <url>', 'its S3-compatible store')
    .option('--to <dir>', 'a directory that is empty or missing')
    .action(() => startedByLauncher('backup'))
}

function startedByLauncher(command: string): never {
  throw new SyncError('bad-request', `"${command}" is started by the causeway launcher, not by this program`)
}
