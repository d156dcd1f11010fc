import type { Command } from 'commander'
import { SyncError } from '@causeway/protocol'

/** Dispatched by the launcher to the coordinator; defined here so that help and completion show everything. */
export function addServeStub(program: Command): void {
  program
    .command('serve')
    .description('run a coordinator: causeway serve --data DIR (causeway serve --help tells more)')
    .option('--data <dir>', 'where everything is kept')
    .option('--host <host>', 'address to listen on')
    .option('--port <port>', 'port for nodes and API')
    .option('--dashboard-port <port>', 'port for people')
    .option('--trust-proxy <networks>', 'proxies that are believed')
    .option('--no-auth', 'people need no sign-in')
    .option('--rebuild-index', 'read all packs into the index first')
    .action(() => {
      throw new SyncError('bad-request', '"serve" is started by the causeway launcher, not by this program')
    })
}
