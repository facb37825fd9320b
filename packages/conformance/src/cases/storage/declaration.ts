// CAS-DECL: what a storage declares of itself.

import type { OperationOptions, StorageBackend } from "@remote-log/core";
import { check, equal, sameBytes, show } from "../../assert.ts";
import type { ConformanceCase } from "../../case.ts";
import { suffer } from "../under-fault.ts";

/** What a storage says of itself. */
export const storageDeclarationCases: readonly ConformanceCase[] = [
  {
    id: "CAS-DECL-01",
    level: "MUST",
    title: "name and capabilities are declared, each in its form",
    requires: ["storage"],
    async run({ storage }) {
      const { capabilities } = storage;
      const { largestContent, hashTypes, readYourWrites, delete: deletes, list, absence } = capabilities;
      check(typeof storage.name === "string" && storage.name !== "", "name is not a text");
      check(
        Number.isSafeInteger(largestContent) && largestContent > 0,
        "largestContent is not a whole number",
      );
      check(hashTypes.length > 0, "hashTypes is empty");
      check(
        absence === undefined || ["known", "local"].includes(absence),
        `the capability absence is ${show(absence)}`,
      );
      const { release = false, ranges = false, localReads = false } = capabilities;
      const flags = { readYourWrites, delete: deletes, list, release, ranges, localReads };
      for (const [capability, flag] of Object.entries(flags))
        check(typeof flag === "boolean", `the capability ${capability} is ${show(flag)}, not a boolean`);
      const { contents, bytes } = capabilities.putMany ?? { contents: 2, bytes: 1 };
      check(Number.isSafeInteger(contents) && contents >= 2, `putMany.contents is ${show(contents)}`);
      check(Number.isSafeInteger(bytes) && bytes >= 1, `putMany.bytes is ${show(bytes)}`);
      for (const type of hashTypes) {
        const computed = await type.digest(new Uint8Array(3));
        equal(computed.length, type.digestBytes, `bytes of a ${type.name} digest`);
      }
    },
  },
  {
    id: "CAS-DECL-02",
    level: "MUST",
    title: "delete is there exactly where it is declared",
    requires: ["storage"],
    async run({ storage }) {
      equal(typeof storage.delete === "function", storage.capabilities.delete, "whether delete is there");
    },
  },
  {
    id: "CAS-DECL-03",
    level: "MUST",
    title: "list is there exactly where it is declared",
    requires: ["storage"],
    async run({ storage }) {
      equal(typeof storage.list === "function", storage.capabilities.list, "whether list is there");
    },
  },
  {
    id: "CAS-DECL-04",
    level: "MUST",
    title: "what is declared is the same for every instance, and stays the same",
    requires: ["storage", "reopen"],
    async run(context) {
      const { storage, content, reopen, opened } = context;
      const before = declared(storage);
      const put = (options?: OperationOptions): Promise<unknown> => storage.put(content(100), options);
      await put();
      for (const fault of opened.faults?.kinds ?? []) await suffer(context, fault, [["put", put]]);
      equal(declared((await reopen()).storage), before, "what another instance declares");
      equal(declared(storage), before, "what is declared after puts and faults");
    },
  },
  {
    id: "CAS-DECL-05",
    level: "MUST",
    title: "options that the storage does not know, of a later version of the interface, change nothing",
    requires: ["storage"],
    async run({ storage, content, settled }) {
      const sent = content(100);
      const address = await storage.put(sent, later);
      sameBytes(await settled("storage", () => storage.get(address, later)), sent, "the content");
      equal(await storage.has(address, later), true, "has");
    },
  },
  {
    id: "CAS-DECL-06",
    level: "MUST",
    title: "release is there exactly where it is declared",
    requires: ["storage"],
    async run({ storage }) {
      const { release = false } = storage.capabilities;
      equal(typeof storage.release === "function", release, "whether release is there");
    },
  },
  {
    id: "CAS-DECL-07",
    level: "MUST",
    title: "putMany is there exactly where it is declared",
    requires: ["storage"],
    async run({ storage }) {
      const { putMany } = storage.capabilities;
      equal(typeof storage.putMany === "function", putMany !== undefined, "whether putMany is there");
    },
  },
];

const later: OperationOptions = { ofALaterVersion: true } as object;

function declared({ name, capabilities }: StorageBackend): string {
  const { largestContent, readYourWrites, delete: deletes, list, release, ranges, absence } = capabilities;
  const { putMany, localReads } = capabilities;
  const types = capabilities.hashTypes.map((type) => [type.name, type.codec, type.hash, type.digestBytes]);
  return JSON.stringify({
    name,
    largestContent,
    readYourWrites,
    deletes,
    list,
    release,
    ranges,
    putMany: putMany && [putMany.contents, putMany.bytes],
    absence,
    localReads,
    types,
  });
}
