import { createHash } from "node:crypto";
import type { Remote } from "@remote-log/core";
import { fsRemoteFromUri } from "@remote-log/fs";
import { usageError } from "./failure.ts";

/**
 * Opens the remote that a URI names. Makes no request: `rlog append` works offline.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for a URI that can't be used
 */
export type OpenRemote = (uri: string, label: string) => Remote | Promise<Remote>;

/** Where a remote is, and what it is called. */
export interface RemotePlace {
  readonly label: string;
  readonly uri: string;
}

// What speaks to a service is loaded only where it is used: the SDK of S3 takes longer to load than all the rest.
const overHttp: OpenRemote = async (url, label) => {
  const { publicS3Remote } = await import("@remote-log/s3/public");
  return publicS3Remote({ url, label });
};

const schemes = new Map<string, OpenRemote>([
  ["file", (uri, label) => fsRemoteFromUri(uri, { label })],
  [
    "s3",
    async (uri, label) => {
      // It tells those who choose the version of the SDK when it drops a version of Node; users of rlog don't.
      process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
      const { s3RemoteFromUri } = await import("@remote-log/s3");
      return s3RemoteFromUri(uri, { label });
    },
  ],
  ["https", overHttp],
  ["http", overHttp],
]);

/**
 * Makes `rlog` know another kind of remote.
 *
 * @param scheme - the scheme of its URIs, in lower case, without the colon
 */
export function registerScheme(scheme: string, open: OpenRemote): void {
  schemes.set(scheme, open);
}

/**
 * Reads `[LABEL=]URI`. A remote without a label is called after the end of its URI and a hash of all of it, so
 * that it is always called the same.
 *
 * @throws CommandError `ERR_USAGE`. A URI with a user or password is refused, and not repeated in the message.
 */
export function parseRemote(text: string): RemotePlace {
  const labelled = /^([A-Za-z0-9][A-Za-z0-9._-]{0,63})=(.*)$/s.exec(text);
  const uri = labelled?.[2] ?? text;
  const scheme = /^([a-z][a-z0-9+.-]*):/.exec(uri)?.[1];
  const known = [...schemes.keys()].map((name) => `${name}:`).join(", ");
  if (scheme === undefined) {
    throw usageError(
      `A remote is given as a URI, such as file://${process.cwd()}/remote. These kinds are known: ${known}.`,
    );
  }
  if (!schemes.has(scheme)) {
    throw usageError(`Remotes of the kind ${scheme}: are not known. These are: ${known}.`);
  }
  if (/^[^:]+:\/\/[^/]*@/.test(uri)) {
    throw usageError(
      "The URI of a remote can't hold a user name or a password: it is stored and shown. Take it out.",
    );
  }
  return { label: labelled?.[1] ?? labelOf(uri), uri };
}

/** Opens remotes: all of them, or none. */
export async function openRemotes(places: readonly RemotePlace[]): Promise<Remote[]> {
  const opened: Remote[] = [];
  try {
    for (const { label, uri } of places) {
      const { uri: checked } = parseRemote(uri);
      const scheme = checked.slice(0, checked.indexOf(":"));
      opened.push(await schemes.get(scheme)!(checked, label));
    }
  } catch (error) {
    await closeRemotes(opened);
    throw error;
  }
  return opened;
}

/** Lets go of what remotes hold open. */
export async function closeRemotes(remotes: readonly Remote[]): Promise<void> {
  for (const { storage, names } of remotes) {
    await storage.close?.();
    await names.close?.();
  }
}

function labelOf(uri: string): string {
  const end = uri
    .replace(/[?#].*$/s, "")
    .replace(/\/+$/, "")
    .replace(/^.*[/:]/s, "");
  const readable = end.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[^A-Za-z0-9]+/, "");
  const hash = createHash("sha256").update(uri).digest("hex").slice(0, 6);
  return `${readable.slice(0, 40) || "remote"}-${hash}`;
}
