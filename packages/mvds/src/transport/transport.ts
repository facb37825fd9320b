// How payloads get from one peer to another: the interface that a transport implements.

/** What arrives at a node. */
export interface Arrival {
  /** The peer that it is from. The transport vouches for that: 2/MVDS asks it to authenticate peers, and to encrypt. */
  readonly peer: string;
  /** The payload; absent if the peer has just come online, so that what waits for it is sent at once. */
  readonly payload?: Uint8Array | undefined;
}

/** Options of the methods of a transport. */
export interface TransportOptions {
  /** Ends what is under way: it rejects with the signal's reason, and an iteration ends. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Carries payloads between peers. It may lose them, double them and change their order: 2/MVDS is made for that. It must not change their bytes,
 * nor say that one is from a peer which it is not from.
 */
export interface Transport {
  /** Sends a payload to a peer. Resolves when it is handed over; rejects if that failed, or if the peer is not connected. */
  send(peer: string, payload: Uint8Array, options?: TransportOptions): Promise<void>;
  /** What arrives, until the signal fires. A node iterates once at a time. */
  receive(options?: TransportOptions): AsyncIterable<Arrival>;
}
