export { createClient, type Client, type ClientOptions } from './client.ts'
export type { EventsOptions } from './follow-events.ts'
export type { EventQuery } from './rest-calls.ts'
export type { OpenWebSocket, WebSocketLike } from './web-socket.ts'
