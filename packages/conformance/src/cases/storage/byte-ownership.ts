// CAS-BYTES: whose bytes are whose.

import { addressOf } from "@remote-log/core";
import { check, sameBytes } from "../../assert.ts";
import type { ConformanceCase } from "../../case.ts";
import { SharingBytes } from "../sharing-bytes.ts";

/** Whose bytes are whose. */
export const byteOwnershipCases: readonly ConformanceCase[] = [
  {
    id: "CAS-BYTES-01",
    level: "MUST",
    title: "the caller's buffer is not changed by put",
    requires: ["storage"],
    async run({ storage, content }) {
      const sent = content(1000);
      const copy = new Uint8Array(sent);
      await storage.put(sent);
      sameBytes(sent, copy, "the caller's buffer");
    },
  },
  {
    id: "CAS-BYTES-02",
    level: "MUST",
    title: "a buffer that is changed after put has resolved changes nothing that is stored",
    requires: ["storage"],
    async run({ storage, content, settled }) {
      for (const sent of [content(1000), SharingBytes.from(content(1000))]) {
        const copy = new Uint8Array(sent);
        const address = await storage.put(sent);
        sent.fill(0);
        sameBytes(await settled("storage", () => storage.get(address)), copy, "the content");
      }
    },
  },
  {
    id: "CAS-BYTES-03",
    level: "SHOULD",
    title: "a buffer that is changed while put runs never gives bytes that are not those of the address",
    requires: ["storage"],
    async run({ storage, content, settled }) {
      const sent = content(1000);
      const putting = storage.put(sent);
      sent.fill(7);
      const address = await putting;
      const read = await settled("storage", () => storage.get(address));
      const type = storage.capabilities.hashTypes[0]!;
      const computed = String(await addressOf(read, type));
      check(
        computed === String(address),
        `the address of the bytes that were returned: ${computed}, not ${address}; ` +
          "were the bytes read again after an await? Copy them first",
      );
    },
  },
  {
    id: "CAS-BYTES-04",
    level: "MUST",
    title: "of a view into a larger buffer only the view is stored",
    requires: ["storage"],
    async run({ storage, content, settled }) {
      const view = content(1000).subarray(100, 150);
      const address = await storage.put(view);
      sameBytes(await settled("storage", () => storage.get(address)), view, "the content");
    },
  },
  {
    id: "CAS-BYTES-05",
    level: "MUST",
    title: "returned bytes belong to the caller: changing them changes no later read",
    requires: ["storage"],
    async run({ storage, content, settled }) {
      const sent = content(1000);
      const address = await storage.put(sent);
      (await settled("storage", () => storage.get(address))).fill(0);
      const [first, second] = await Promise.all([storage.get(address), storage.get(address)]);
      first.fill(0);
      sameBytes(second, sent, "the content of a concurrent read");
      sameBytes(await storage.get(address), sent, "the content of a later read");
    },
  },
  {
    id: "CAS-BYTES-06",
    level: "SHOULD",
    title: "returned bytes share no memory with others: they can be handed over to a worker",
    requires: ["storage"],
    async run({ storage, content, settled }) {
      const sent = [content(100), content(100)] as const;
      const addresses = [await storage.put(sent[0]), await storage.put(sent[1])] as const;
      for (const address of addresses) await settled("storage", () => storage.get(address));
      const read = await Promise.all(addresses.map((address) => storage.get(address)));
      // As `postMessage` with a transfer list does: the memory has a new owner, and nobody else may need it.
      structuredClone(read[0], { transfer: [read[0]!.buffer as ArrayBuffer] });
      sameBytes(read[1]!, sent[1], "the content of a concurrent read");
      sameBytes(await storage.get(addresses[0]), sent[0], "the content of a later read");
    },
  },
];
