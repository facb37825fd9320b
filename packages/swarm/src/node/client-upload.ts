// Chunks of content by way of a client: its own call, and what its failures mean.

import { type Call, HttpFailure, withoutHeaderValues } from "@remote-log/core/adapter";
import { notBee } from "./answer.ts";
import { type BeeClient, settingsOf } from "./bee-client.ts";
import type { Payment } from "./payment.ts";

/** A client that uploads chunks. */
export type UploadingClient = BeeClient & Required<Pick<BeeClient, "uploadChunk">>;

/** Whether a client uploads chunks by itself. */
export function isUploading(client: BeeClient | undefined): client is UploadingClient {
  return client?.uploadChunk !== undefined;
}

/**
 * Uploads a chunk of content by the call of a client.
 *
 * @param data - span and payload
 * @param headers - those that were given beside the client, with names in lower case
 * @returns the address that the node says it has stored
 * @throws HttpFailure for an answer of another status, with what the node said
 * @throws UnreachableError `ERR_UNREACHABLE` if something other than a node answered
 * @throws whatever else the client throws
 */
export async function uploadWithClient(
  client: UploadingClient,
  data: Uint8Array,
  { stamp, tag }: Payment,
  headers: Readonly<Record<string, string>>,
  { signal, context }: Call,
): Promise<string> {
  const own = settingsOf(client).headers ?? {};
  const options = tag === undefined ? {} : { tag: Number(tag) };
  try {
    const { reference } = await client.uploadChunk(stamp, data, options, {
      signal,
      headers: spelledAs(own, headers),
    });
    return reference.toString();
  } catch (error) {
    const { status, responseBody, issues } = error as {
      readonly status?: unknown;
      readonly responseBody?: { readonly message?: unknown } | null;
      readonly issues?: unknown;
    };
    if (typeof status === "number") {
      const said = responseBody?.message;
      throw new HttpFailure(
        status,
        withoutHeaderValues(typeof said === "string" ? said : "", { ...own, ...headers }),
      );
    }
    // Whatever answered, it was not with the fields of a node: bee-js checks them by a schema, whose errors have issues.
    throw issues === undefined ? error : notBee(context);
  }
}

/** The same headers under the names that a client uses for them already: under two names both values would be sent. */
function spelledAs(
  known: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>>,
): Record<string, string> {
  const spellings = new Map(Object.keys(known).map((name) => [name.toLowerCase(), name]));
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [spellings.get(name) ?? name, value]),
  );
}
