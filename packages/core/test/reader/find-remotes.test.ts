// Further remotes that a manifest names: opened once, asked from then on, and looked for with the key of the newest epoch.

import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { ReadKey, type Remote } from "../../src/index.ts";
import { epochKeyOf, keyIdOf, sealEarlierKey } from "../../src/log/epoch-keys.ts";
import { createGenesis, defaultSettings } from "../../src/log/genesis.ts";
import { type Manifest, nothingSaid } from "../../src/log/manifest.ts";
import { sealRemotes } from "../../src/log/sealed-remotes.ts";
import { Contacts } from "../../src/reader/contacts.ts";
import { findingRemotes } from "../../src/reader/find-remotes.ts";
import type { ReaderParts } from "../../src/reader/reader-parts.ts";
import type { RemoteReport } from "../../src/reader/remote-report.ts";
import { scriptedRemote } from "./scripted-remote.ts";

const settings = { ...defaultSettings, signingKey: new Uint8Array(32).fill(9) };
const openLog = createGenesis({ ...settings, visibility: "public" });
const sealedLog = createGenesis(settings);
const key = new ReadKey(new Uint8Array(32).fill(1));
const other = new ReadKey(new Uint8Array(32).fill(2));

interface Said {
  readonly genesis?: typeof openLog;
  readonly remotes?: Uint8Array;
  readonly epochs?: Manifest["epochs"];
  readonly options?: { readonly key?: ReadKey; readonly identity?: object };
}

/** A reader of a log that says this, with one remote; `asked` counts its syncs, and `opened` has what it opened. */
function reader(
  said: Said,
  found: readonly Remote[] = [scriptedRemote(new Map(), undefined, { label: "two" })],
) {
  const remotes: Remote[] = [scriptedRemote(new Map(), undefined, { label: "one" })];
  const contacts = new Contacts(remotes);
  const state = { manifest: undefined as object | undefined, views: [] as object[] };
  const say = ({ genesis = openLog, remotes: sealed, epochs = [] }: Said): void => {
    const manifest: Manifest = { ...nothingSaid, version: 1, epochs, ...(sealed && { remotes: sealed }) };
    state.manifest = { manifest };
    state.views = [{ head: { genesis } }];
  };
  say(said);
  const opened: string[][] = [];
  const sync = findingRemotes(async (uris) => {
    opened.push([...uris]);
    return found;
  });
  const parts = {
    ...{ remotes, contacts, newest: state, options: said.options ?? {} },
    ...{ limits: { requestMilliseconds: 1000 }, closing: new AbortController() },
  } as unknown as ReaderParts;
  let asked = 0;
  const syncs = (fails?: Error) =>
    sync(async () => {
      asked++;
      if (fails !== undefined) throw fails;
      return [{ label: `${asked}`, status: "absent" }] satisfies RemoteReport[];
    }, parts);
  return {
    ...{ remotes, contacts, opened, say, syncs, state },
    get asked() {
      return asked;
    },
  };
}

const of = (...uris: string[]): Uint8Array => sealRemotes(uris, openLog, undefined);

test("a log that names no remote is asked once", async () => {
  for (const said of [{}, { remotes: of() }]) {
    const one = reader(said);
    expect(await one.syncs()).toEqual([{ label: "1", status: "absent" }]);
    expect([one.asked, one.opened]).toEqual([1, []]);
    const down = new Error("down");
    expect(await failure(one.syncs(down))).toBe(down);
    expect(one.asked).toBe(2);
  }
});

test("before a state was found, nothing is looked for", async () => {
  const unsaid = reader({ genesis: sealedLog, options: { identity: { newestKey: async () => key } } });
  await unsaid.syncs();
  expect([unsaid.asked, unsaid.opened]).toEqual([1, []]);
  const one = reader({ remotes: of("a:two") });
  one.state.views = [];
  await one.syncs();
  one.state.manifest = undefined;
  await one.syncs();
  expect([one.asked, one.opened]).toEqual([2, []]);
});

test("what it names is opened once, and asked at once with the others", async () => {
  const one = reader({ remotes: of("a:two", "a:three") });
  expect(await one.syncs()).toEqual([{ label: "2", status: "absent" }]);
  expect([one.asked, one.opened]).toEqual([2, [["a:two", "a:three"]]]);
  expect(one.remotes.map(({ label }) => label)).toEqual(["one", "two"]);
  expect(one.contacts.remotes.map(({ label }) => label)).toEqual(["one", "two"]);
  await one.syncs();
  expect([one.asked, one.opened.length]).toEqual([3, 1]);
  // Only what is new.
  one.say({ remotes: of("a:three", "a:four") });
  await one.syncs();
  expect(one.opened[1]).toEqual(["a:four"]);
});

test("they are asked also if the sync that found them failed, and otherwise its failure is told", async () => {
  const gone = new Error("gone");
  const moved = reader({ remotes: of("a:two") });
  expect(await failure(moved.syncs(gone))).toBe(gone);
  expect(moved.asked).toBe(2);
  const none = reader({ remotes: of("a:two") }, []);
  expect(await failure(none.syncs(gone))).toBe(gone);
  expect([none.asked, none.opened]).toEqual([1, [["a:two"]]]);
});

test("a remote with the label of one that is there already is not asked a second time", async () => {
  const [same, more] = ["one", "three"].map((label) => scriptedRemote(new Map(), undefined, { label }));
  const one = reader({ remotes: of("a:one") }, [same!]);
  await one.syncs();
  expect([one.asked, one.remotes.length, one.contacts.remotes.length]).toEqual([1, 1, 1]);
  const both = reader({ remotes: of("a:one", "a:three") }, [more!, same!]);
  await both.syncs();
  expect(both.remotes.map(({ label }) => label)).toEqual(["one", "three"]);
});

test("what can't be used as URIs is as if it were not said", async () => {
  for (const remotes of [of("https://user:password@host"), of("no uri"), Uint8Array.of(0xff)]) {
    const one = reader({ remotes });
    await one.syncs();
    expect([one.asked, one.opened]).toEqual([1, []]);
  }
});

test("in a private log the key of the newest epoch opens them, and no other", async () => {
  const said = (by: Parameters<typeof sealRemotes>[2], more: Partial<Said> = {}): Said => ({
    ...{ genesis: sealedLog, remotes: sealRemotes(["a:two"], sealedLog, by) },
    ...more,
  });
  // An identity says itself which key is the newest.
  const identity = { newestKey: async () => key };
  for (const [of, opens] of [
    [said(key, { options: { key } }), true],
    [said(other, { options: { key } }), false],
    [said(key), false],
    [said(key, { options: { identity } }), true],
    [said(other, { options: { identity } }), false],
    [said(key, { options: { identity, key: other } }), true],
  ] as const) {
    const one = reader(of);
    await one.syncs();
    expect(one.opened).toEqual(opens ? [["a:two"]] : []);
  }
  // A public log needs none, whatever key the reader has.
  const open = reader({
    remotes: of("a:two"),
    options: { identity: { newestKey: () => Promise.reject(new Error("asked")) } },
  });
  await open.syncs();
  expect(open.opened).toEqual([["a:two"]]);
});

test("if the key has changed, it is the one of the newest epoch: a reader that was shut out does not learn where the log goes", async () => {
  const { logId } = sealedLog;
  const [first, second] = [key.toBytes(), other.toBytes()];
  const newest = epochKeyOf(second, { logId, epoch: 1 });
  const epochs: Manifest["epochs"] = [
    { first: 0, keyId: keyIdOf(first, logId) },
    { first: 4, keyId: keyIdOf(newest, logId), earlier: sealEarlierKey(second, first, logId) },
  ];
  const third = new ReadKey(new Uint8Array(32).fill(3));
  for (const [by, given, opens] of [
    [newest, other, true],
    [first, other, false],
    [second, other, false],
    [newest, key, false],
    [first, key, false],
    [third.toBytes(), third, false],
    [newest, undefined, false],
  ] as const) {
    const remotes = sealRemotes(["a:two"], sealedLog, { toBytes: () => by });
    const one = reader({ genesis: sealedLog, remotes, epochs, options: given ? { key: given } : {} });
    await one.syncs();
    expect(one.opened).toEqual(opens ? [["a:two"]] : []);
  }
});
