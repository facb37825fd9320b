// Node's own cryptography, if the runtime has it.

/** What is used of it, if it is there: nothing vouches for that, nor for what it computes. Whoever uses it checks both. */
export interface NodeCrypto {
  readonly hash?: (algorithm: string, content: Uint8Array, encoding: "latin1") => string;
  readonly createSecretKey?: (key: Uint8Array) => SecretKey;
  readonly createCipheriv?: (...options: CipherOptions) => NodeCipher & { getAuthTag(): Uint8Array };
  readonly createDecipheriv?: (
    ...options: CipherOptions
  ) => NodeCipher & { setAuthTag(tag: Uint8Array): void };
}

/** A key as Node holds it. */
interface SecretKey {
  readonly type: "secret";
}

type CipherOptions = [
  algorithm: string,
  key: SecretKey,
  nonce: Uint8Array,
  options: { readonly authTagLength: number },
];

/** What sealing and opening have in common. */
interface NodeCipher {
  setAAD(associated: Uint8Array): void;
  update(bytes: Uint8Array): Uint8Array;
  final(): Uint8Array;
}

/**
 * The module `node:crypto` of Node 20.16 and newer, and of runtimes that follow it. Asked for at run time: nothing is imported
 * that a browser or a bundler would have to find.
 */
export function nodeCrypto(): NodeCrypto | undefined {
  const runtime = globalThis as { process?: { getBuiltinModule?(name: string): NodeCrypto | undefined } };
  return runtime.process?.getBuiltinModule?.("node:crypto");
}
