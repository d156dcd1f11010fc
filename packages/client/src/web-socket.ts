/** As much of a WebSocket as the client needs: the browser's, Node's and `ws`' all have it. */
export interface WebSocketLike {
  addEventListener(
    type: 'open' | 'message' | 'close' | 'error',
    listener: (event: { readonly data?: unknown; readonly code?: number }) => void,
  ): void
  send(text: string): void
  close(): void
}

/** Opens a socket; with a token where the platform can send one, else the browser's cookie must do. */
export type OpenWebSocket = (url: string, token: string | undefined) => WebSocketLike

/** The platform's own WebSocket. Node's takes headers as its second argument; browsers have no such thing. */
export function openPlatformWebSocket(url: string, token: string | undefined): WebSocketLike {
  const options = token === undefined ? [] : [{ headers: { authorization: `Bearer ${token}` } }]
  const socket: WebSocketLike = Reflect.construct(globalThis.WebSocket, [url, ...options])
  return socket
}
