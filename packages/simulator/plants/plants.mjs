// Bugs that are planted into the built core, to see that the hunter finds each of them. `node plants/hunt-plants.mjs` tries all.

/**
 * @typedef {object} Plant
 * @property {string} name
 * @property {string} file - the built file, below `packages/core/dist`
 * @property {string} was - a part of it, which is there once
 * @property {string} becomes - the bug
 */

/** @type {readonly Plant[]} */
export const plants = [
  {
    name: "a batch of the journal does not wait for the disk",
    file: "journal/journal.js",
    was: "sync: durable }",
    becomes: "sync: false }",
  },
  {
    name: "an append is acknowledged before it is on the disk",
    file: "writer/append-queue.js",
    was: "...times.appended(size), ...steps], true)",
    becomes: "...times.appended(size), ...steps], false)",
  },
  {
    name: "the head of another device is replaced",
    file: "writer/decide.js",
    was: 'case "foreign":\n            return refuse(firstLook && seen.extendsSigned ? "restored" : "conflict");\n        case "no-head":\n            return refuse("no-head");\n    }\n}\n/**',
    becomes:
      'case "foreign":\n            return { kind: "republish", expected: seen.revision ?? ours };\n        case "no-head":\n            return refuse("no-head");\n    }\n}\n/**',
  },
  {
    name: "a reader continues with the smallest of the states that it knows",
    file: "reader/choose-state.js",
    was: "b.size - a.size",
    becomes: "a.size - b.size",
  },
  {
    name: "a stream delivers the first entry of a run alone",
    file: "reader/stream-entries.js",
    was: "place.next = next;\n                    }",
    becomes: "place.next = next;\n                        break;\n                    }",
  },
  {
    name: "a recovery forgets the entries that only this device had",
    file: "writer/take-over.js",
    was: "for await (const entry of aside.entries(common))\n        await move(entry);",
    becomes: "",
  },
  {
    name: "a recovery appends anew what the remote had, too",
    file: "writer/take-over.js",
    was: "const renumbering = new Renumbering(common);",
    becomes: "common = start;\n    const renumbering = new Renumbering(common);",
  },
  {
    name: "a removal leaves the contents in the journal",
    file: "journal/removal.js",
    was: 'batch.push({ type: "del", key: entryKey(entry.sequence) }, leftOperation(entry));',
    becomes: "",
  },
  {
    name: "what was removed is not deleted from a remote",
    file: "writer/object-remover.js",
    was: "return storage.delete(address, options);",
    becomes: "return Promise.resolve();",
  },
  {
    name: "a removal deletes pages that the log still needs",
    file: "writer/object-remover.js",
    was: "await this.#keepTree(objects, since);",
    becomes: "",
  },
  {
    name: "a removal writes no page anew",
    file: "writer/page-rewriter.js",
    was: "if (pending.length === 0)",
    becomes: "if (pending.length >= 0)",
  },
  {
    name: "an upload is noted and not sent",
    file: "writer/uploads.js",
    was: "await this.#sendAlone(only);",
    becomes: "",
  },
  {
    name: "everything counts as uploaded",
    file: "writer/acknowledged-uploads.js",
    was: "return this.#noted.has(keyOf(address));",
    becomes: "return true;",
  },
  {
    name: "a repair looks for nothing",
    file: "writer/remote-publisher.js",
    was: "await this.#name.doubt({ reads });",
    becomes: "",
  },
  {
    name: "an append that follows another one continues from the tree before it",
    file: "writer/append-queue.js",
    was: "this.#writer.tree = result.tree;",
    becomes: "",
  },
  {
    name: "a content is believed whatever its hash",
    file: "remote/checked-get.js",
    was: "await checkContent(own, address, storage.capabilities.hashTypes);",
    becomes: "",
  },
  {
    name: "an update whose answer was lost is taken for one that did not arrive",
    file: "writer/decide.js",
    was: 'return { kind: "arrived", ...extentOf(intent), revision: seen.revision };',
    becomes: 'return { kind: "proceed", expected: ours };',
  },
  {
    name: "what is published is not noted",
    file: "writer/remote-name.js",
    was: "await this.#place.writer.journal.write(steps, false);",
    becomes: "",
  },
  {
    name: "the end of a recovery is not noted",
    file: "writer/recover.js",
    was: "await journal.write(end, true);",
    becomes: "",
  },
  {
    name: "a reader takes its former state for the newest when all show less",
    file: "reader/newest-state.js",
    was: "return view.size < (this.#mostShown.get(remote.label) ?? 0);",
    becomes: "return false;",
  },
  {
    name: "a rotation does not change the key that signs",
    file: "log/signing-keys.js",
    was: "generation === 0 ? genesis.signingKey : successions[generation - 1].signingKey",
    becomes: "genesis.signingKey",
  },
];
