// The part of a head that is about the manifest: fields 104 to 107, 109 and 110; docs/protocol.md, "The manifest".

import type { ProtobufReader } from "./protobuf-reader.ts";
import { EMPTY } from "./protobuf-reader.ts";
import type { ProtobufWriter } from "./protobuf-writer.ts";

/**
 * What a head says of the manifest. This codec checks no more than that they are fields of bytes: whoever uses them verifies all
 * of it.
 */
export interface WireHeadManifest {
  /** The newest version; empty if the head gives its address. */
  readonly bytes: Uint8Array;
  /** The binary address of the newest version; empty if the head holds it. */
  readonly address: Uint8Array;
  /** The signed checkpoint of the versions, in UTF-8. */
  readonly checkpoint: Uint8Array;
  /** The inclusion path of the newest version, 32 bytes for each hash. */
  readonly path: Uint8Array;
  /** The binary address of the leaf hashes of all versions; empty before the third. */
  readonly leaves: Uint8Array;
  /** Objects that the manifest names, if their addresses do not follow from their hashes: each a message `StoredObject`. */
  readonly objects: readonly Uint8Array[];
}

/** The manifest of the head of a log that has none. */
export const NO_MANIFEST: WireHeadManifest = {
  bytes: EMPTY,
  address: EMPTY,
  checkpoint: EMPTY,
  path: EMPTY,
  leaves: EMPTY,
  objects: [],
};

/** Writes the fields. */
export function writeHeadManifest(writer: ProtobufWriter, manifest: WireHeadManifest): void {
  writer.bytes(104, manifest.bytes);
  writer.bytes(105, manifest.address);
  writer.bytes(106, manifest.checkpoint);
  writer.bytes(107, manifest.path);
  writer.bytes(109, manifest.leaves);
  for (const object of manifest.objects) writer.element(110, object);
}

/** Collects the fields of a head that are about the manifest, as they come. */
export class HeadManifestFields {
  readonly #fields: Record<number, Uint8Array> = {};
  readonly #objects: Uint8Array[] = [];
  #any = false;

  /** Reads the reader's field if it is one of them; `false` if it is not. */
  read(reader: ProtobufReader): boolean {
    const { field } = reader;
    if (field < 104 || field > 110 || field === 108) return false;
    const name = `${field}`;
    if (field === 110) {
      this.#objects.push(reader.bytes(name));
      this.#any = true;
    } else {
      const value = reader.bytesOnce(name, this.#fields[field]);
      this.#fields[field] = value;
      // An empty field says as much as one that is not there.
      this.#any ||= value.length > 0;
    }
    return true;
  }

  /** All that came; `undefined` if nothing did. */
  finish(): WireHeadManifest | undefined {
    if (!this.#any) return undefined;
    const { 104: bytes, 105: address, 106: checkpoint, 107: path, 109: leaves } = this.#fields;
    return {
      bytes: bytes ?? EMPTY,
      address: address ?? EMPTY,
      checkpoint: checkpoint ?? EMPTY,
      path: path ?? EMPTY,
      leaves: leaves ?? EMPTY,
      objects: this.#objects,
    };
  }
}
