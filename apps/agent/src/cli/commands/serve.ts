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
    .option('--trust-proxy <networks>', 'trusted proxies')
    .option('--tls', 'speak TLS on loopback too')
    .option('--tls-cert <file>', 'your own certificate')
    .option('--tls-key <file>', 'and its key')
    .option('--insecure-http', 'plain HTTP on an address that others can reach')
    .option('--drain <seconds>', 'how long a stop waits for requests in progress')
    .option('--drain-notice <seconds>', 'how long a stop keeps answering after /readyz has turned')
    .option('--no-auth', 'turn sign-in off')
    .option('--rebuild-index', 'read all packs into the index first')
    .action(() => {
      throw new SyncError('bad-request', '"serve" is started by the causeway launcher, not by this program')
    })
}
