/**
 * How long a peer may take over a request, and how large its headers may be: one that sends them drop by drop must not
 * hold a connection for ever. Browsers send the cookies of every program at the same name, so there is room for those.
 */
export const PATIENCE = {
  requestTimeout: 5 * 60_000,
  headersTimeout: 30_000,
  keepAliveTimeout: 75_000,
  maxHeaderSize: 16 * 1024,
} as const
