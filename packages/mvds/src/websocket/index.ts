// Payloads over WebSockets, one in each binary frame: the entry `@remote-log/mvds/websocket`.

export {
  type DialOptions,
  type SocketLike,
  WebSocketTransport,
  type WebSocketTransportOptions,
  webSocketTransport,
} from "./websocket-transport.ts";
