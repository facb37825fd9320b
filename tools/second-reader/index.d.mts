export type RefusedKind = "malformed" | "unverified" | "missing" | "contradiction" | "unsupported";
export declare class Refused extends Error {
  constructor(kind: RefusedKind, message: string);
  readonly kind: RefusedKind;
}

export interface Remote {
  read(address: Uint8Array): Uint8Array | undefined;
  nameOf(logId: Uint8Array): Uint8Array | undefined;
}
export declare function openFolder(root: string): Remote;

export interface Epoch {
  readonly first: number;
  readonly keyId: Uint8Array;
  readonly keyring: Uint8Array;
  readonly earlier: Uint8Array;
}
export interface Manifest {
  readonly version: number;
  readonly previous: Uint8Array;
  readonly successions: readonly Uint8Array[];
  readonly epochs: readonly Epoch[];
  readonly removed: readonly { readonly first: number; readonly count: number }[];
  readonly firstKept: number;
  readonly snapshot: number;
  readonly remotes: Uint8Array;
}
export interface ManifestState {
  readonly manifest: Manifest;
  readonly root: Uint8Array;
  readonly before?: Uint8Array;
  leaves(): readonly Uint8Array[] | undefined;
}
export interface State {
  readonly size: number;
  readonly root?: Uint8Array | undefined;
  readonly manifest?: ManifestState | undefined;
  readonly successions?: readonly Uint8Array[];
}
export interface Entry {
  readonly index: number;
  readonly status: "content" | "sealed" | "removed" | "withheld" | "key-missing" | "wrong-key";
  readonly content?: Uint8Array;
}
export interface Log extends State {
  readonly logId: Uint8Array;
  readonly root: Uint8Array;
  readonly remoteId: Uint8Array | undefined;
  readonly remotes: readonly string[] | undefined;
  readonly successions: readonly Uint8Array[];
  entries(): Generator<Entry>;
}
export declare function readLog(options: {
  readonly remote: Remote;
  readonly logId: Uint8Array;
  readonly key?: Uint8Array | undefined;
  readonly known?: State | undefined;
}): Log;

export interface Link {
  readonly logId: Uint8Array;
  readonly remotes: readonly string[];
  readonly floor?: { readonly size: number; readonly root?: Uint8Array };
  readonly key?: Uint8Array;
}
export declare function decodeLink(text: string): Link;

export declare function checkContent(address: Uint8Array, bytes: Uint8Array): void;
export declare function decodeAddress(bytes: Uint8Array): unknown;
export declare function folderDigest(address: Uint8Array): Uint8Array;
export declare function decodeName(bytes: Uint8Array): { readonly pointer?: Uint8Array };
export declare function decodeGenesis(bytes: Uint8Array): { readonly logId: Uint8Array };
export interface Ref {
  /** Empty if the page is in a bundle alone. */
  readonly address: Uint8Array;
  readonly hash: Uint8Array;
}
export interface Bundle {
  /** The first page, counted from the first ref of the node. */
  readonly first: number;
  readonly address: Uint8Array;
  readonly lengths: readonly number[];
}
export declare function decodeIndexNode(bytes: Uint8Array): {
  readonly refs: readonly Ref[];
  readonly bundles: readonly Uint8Array[];
};
export declare function decodeBundleMessage(bytes: Uint8Array): Bundle;
export declare function decodeManifest(bytes: Uint8Array): Manifest;
export declare function decodeNote(bytes: Uint8Array): unknown;
export declare function mvdsId(content: Uint8Array): Uint8Array;

export interface RemoteLog {
  readonly levels: readonly unknown[];
  readonly tail: Uint8Array;
}
export declare function decodeRemoteLog(bytes: Uint8Array): RemoteLog;
export declare function pairsOf(remoteLog: RemoteLog): readonly Pair[];
export declare function pairsOfBundle(remoteLog: RemoteLog): readonly Pair[];
export declare function levelOf(level: unknown): unknown;

export interface Head {
  readonly size: number;
  readonly root: Uint8Array;
}
export declare function verifyHead(
  bytes: Uint8Array,
  logId: Uint8Array,
  read: (address: Uint8Array) => Uint8Array,
): Head;
export declare function verifyPage(bytes: Uint8Array, leafSize: number, hash: Uint8Array): unknown;
export declare function verifyNode(
  bytes: Uint8Array,
  count: number,
  peaks: readonly Uint8Array[],
  level?: number,
): { readonly refs: readonly Ref[]; readonly bundles: readonly Bundle[] };
export interface Pair {
  readonly localHash: Uint8Array;
  readonly contentHash: Uint8Array;
  readonly data?: Uint8Array;
  readonly address?: Uint8Array;
}
export declare function verifyBundle(
  bytes: Uint8Array,
  leafSize: number,
  hashes: readonly Uint8Array[],
): readonly (readonly Pair[])[];
export declare function verifyCheckpoint(bytes: Uint8Array, origin: string, key: Uint8Array): Head;
export declare function verifyForkEvidence(evidence: {
  readonly genesis: Uint8Array;
  readonly successions?: readonly string[];
  readonly smaller: string;
  readonly larger: string;
  readonly path: readonly Uint8Array[];
}):
  | {
      readonly by: "signing-key" | "former-key" | "recovery-key";
      readonly smaller: number;
      readonly larger: number;
    }
  | undefined;

export declare function hchacha20(key: Uint8Array, nonce: Uint8Array): Uint8Array;
export declare function open(
  key: Uint8Array,
  nonce: Uint8Array,
  data: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | undefined;
export declare function openEntry(
  entry: { readonly index: number; readonly stored: Uint8Array; readonly localHash: Uint8Array },
  key: Uint8Array,
  genesis: { readonly logId: Uint8Array; readonly unpadded: boolean },
  identify: (content: Uint8Array) => Uint8Array,
): Uint8Array | undefined;
