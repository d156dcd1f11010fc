/** How long a peer may take: one that sends its header drop by drop must not hold a connection for ever. */
export const PATIENCE = { requestTimeout: 5 * 60_000, headersTimeout: 30_000, keepAliveTimeout: 75_000 } as const
