// What is used of a client of a Bee node: the `Bee` of `@ethersphere/bee-js` 12. That package is not imported: any object of
// this shape does.

/** The settings of an upload that are handed to a client. */
export interface BeeUploadOptions {
  /** The tag under which a node counts the chunks of a deferred upload. */
  readonly tag?: number;
}

/** What is handed to a client for one request. */
export interface BeeRequestOptions {
  /** Headers of this request, besides those of the client. */
  readonly headers?: Record<string, string>;
  /** Ends the request. */
  readonly signal?: AbortSignal;
}

/** What a client is told of a request that is about to be sent. */
interface BeeRequestNotice {
  readonly method: string;
  /** The URL without its query. */
  readonly url: string;
  readonly headers: Record<string, string>;
  /** The query. */
  readonly params?: Readonly<Record<string, string>>;
}

/** A client of a Bee node. A `Bee` of `@ethersphere/bee-js` 12 is of this shape. */
export interface BeeClient {
  /** The URL of the node's API. */
  readonly url: string;

  /**
   * Uploads a chunk of content. A client without this method is used for its URL and its settings alone.
   *
   * @param stamp - the id of the postage batch that pays, 64 hexadecimal digits
   * @param data - span and payload
   * @returns the address that the node says it has stored
   */
  uploadChunk?(
    stamp: string,
    data: Uint8Array,
    options?: BeeUploadOptions,
    requestOptions?: BeeRequestOptions,
  ): Promise<{ readonly reference: { toString(): string } }>;
}

/** The settings that a client was made with, as far as they shape a request. */
export interface ClientSettings {
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Called before a request is sent. */
  readonly onRequest?: ((request: BeeRequestNotice) => void) | undefined;
}

/**
 * The settings of a client: its headers, and who wants to know of its requests. A `Bee` of bee-js 12.3.1 holds them as
 * `requestOptions`, which its types keep private. A client that has none of that name is used without.
 */
export function settingsOf(client: BeeClient | undefined): ClientSettings {
  const { requestOptions } = (client ?? {}) as { readonly requestOptions?: ClientSettings };
  return requestOptions ?? {};
}
