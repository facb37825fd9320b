import { expect, test } from "vitest";
import { KnownMembers } from "../../src/members/known-members.ts";
import { encodeRecord, GIVEN_ID_BYTES, type MembershipRecord } from "../../src/members/records.ts";
import type { GroupStore, StoredEntry } from "../../src/store/group-store.ts";
import { added, cardOf, idOf, removed } from "./cards.ts";

const FOUNDER = idOf(0, "c");
const created: MembershipRecord = { type: "create", card: cardOf(0) };

/** A store with control logs, which counts how often each was read. */
function storeOf(logs: Map<string, (MembershipRecord | Uint8Array)[]>): {
  readonly store: GroupStore;
  readonly reads: string[];
} {
  const reads: string[] = [];
  const store = {
    async *entriesOf(log: string): AsyncGenerator<StoredEntry> {
      reads.push(log);
      for (const [sequence, record] of (logs.get(log) ?? []).entries()) {
        const content = record instanceof Uint8Array ? record : encodeRecord(record);
        yield { log, sequence, content, receivedAt: 1 };
      }
    },
  };
  return { store: store as unknown as GroupStore, reads };
}

async function known(self: number, ...said: MembershipRecord[][]): Promise<KnownMembers> {
  const logs = new Map(
    said.map((records, device) => [idOf(device, "c"), device === 0 ? [created, ...records] : records]),
  );
  const members = new KnownMembers(storeOf(logs).store, idOf(self, "a"));
  members.founder = FOUNDER;
  for (const log of logs.keys()) await members.load(log);
  return members;
}

const namesOf = (members: KnownMembers): readonly string[] =>
  [...members.all.values()].map(({ card }) => card.name.slice(7));

test("nobody is a member before it is known who the founder is, whatever was read", async () => {
  const { store } = storeOf(new Map([[FOUNDER, [created, added(1)]]]));
  const members = new KnownMembers(store, idOf(1, "a"));
  await members.load(FOUNDER);
  expect([namesOf(members), members.self, members.founder]).toEqual([[], undefined, undefined]);
  members.founder = FOUNDER;
  expect([namesOf(members), members.self?.id, members.founder]).toEqual([["0", "1"], idOf(1, "a"), FOUNDER]);
});

test("a control log is read from the store once, and again when it is told to be; who belongs follows at once", async () => {
  const logs = new Map([[FOUNDER, [created]]]) as Map<string, MembershipRecord[]>;
  const { store, reads } = storeOf(logs);
  const members = new KnownMembers(store, idOf(0, "a"));
  members.founder = FOUNDER;
  expect(namesOf(members)).toEqual([]);
  await members.load(FOUNDER);
  expect(namesOf(members)).toEqual(["0"]);
  logs.get(FOUNDER)!.push(added(1));
  await members.load(FOUNDER);
  expect([namesOf(members), reads]).toEqual([["0"], [FOUNDER]]);
  await members.reload(FOUNDER);
  expect([namesOf(members), reads]).toEqual([
    ["0", "1"],
    [FOUNDER, FOUNDER],
  ]);
  members.take(FOUNDER, 2, encodeRecord(added(2)));
  expect(namesOf(members)).toEqual(["0", "1", "2"]);
  // While nothing comes, it is not worked out again.
  expect(members.all).toBe(members.all);
});

test("an entry that was taken already, or says nothing, changes nothing; the next one is taken", async () => {
  const members = new KnownMembers(storeOf(new Map()).store, idOf(0, "a"));
  expect(members.recordsOf(FOUNDER)).toEqual([]);
  members.take(FOUNDER, 0, encodeRecord(created));
  members.take(FOUNDER, 0, encodeRecord(added(1)));
  members.take(FOUNDER, 2, new Uint8Array([1]));
  members.take(FOUNDER, 3, encodeRecord(added(2)));
  members.take(FOUNDER, 3, encodeRecord(added(3)));
  members.take(FOUNDER, 1, encodeRecord(added(4)));
  expect(members.recordsOf(FOUNDER)).toEqual([created, added(2)]);
});

test("the word of who let a device in counts until each member's own word is known", async () => {
  const roster = [0, 1, 2].map((device) => ({
    card: cardOf(device),
    depth: Math.min(1, device),
    person: idOf(device, "a"),
    admin: device === 0,
    history: true,
  }));
  const unknown = new KnownMembers(storeOf(new Map()).store, idOf(2, "a"));
  unknown.welcomed = roster;
  expect(namesOf(unknown)).toEqual([]);
  const members = await known(2);
  expect([members.isWelcome, namesOf(members)]).toEqual([false, []]);
  members.welcomed = roster;
  expect([members.isWelcome, namesOf(members)]).toEqual([true, ["0", "1", "2"]]);
  // The founder's log names this device alone, but that of device 1 is not known to say nothing more.
  members.take(FOUNDER, 0, encodeRecord(created));
  expect(namesOf(members)).toEqual(["0", "1", "2"]);
  members.take(FOUNDER, 1, encodeRecord(added(2)));
  expect(namesOf(members)).toEqual(["0", "1", "2"]);
  await members.load(idOf(2, "c"));
  expect(namesOf(members)).toEqual(["0", "2"]);
});

test("what a member got of this device's keys is what the record says that let it in", async () => {
  const self = idOf(5, "a").slice(0, 2 * GIVEN_ID_BYTES);
  const own = { member: self, messages: 3, control: 1 };
  const invited: MembershipRecord = {
    type: "invite",
    number: 0,
    ownDevice: false,
    admin: false,
    history: true,
    expires: 1,
  };
  const given = [{ member: "00".repeat(8), messages: 9 }, own];
  const members = await known(
    5,
    [invited, added(1, { admin: true }), { ...added(2), given }, { ...added(3), given: [] }],
    [{ ...added(4), given: [{ ...own, messages: 7 }] }],
  );
  const to = (device: number): unknown => members.givenTo(members.all.get(idOf(device, "a"))!);
  expect([to(0), to(1), to(2), to(3), to(4)]).toEqual([{}, {}, own, {}, { ...own, messages: 7 }]);
});

test("a newcomer is told the members that are left, nearest to the founder first, and by id", async () => {
  const members = await known(0, [
    added(9, { admin: true }),
    added(4),
    added(5),
    added(7),
    added(3),
    added(6),
    removed(4),
  ]);
  members.take(idOf(9, "c"), 0, encodeRecord(added(1)));
  expect(members.roster().map(({ id, depth }) => [id, depth])).toEqual([
    [idOf(0, "a"), 0],
    [idOf(3, "a"), 1],
    [idOf(5, "a"), 1],
    [idOf(6, "a"), 1],
    [idOf(7, "a"), 1],
    [idOf(9, "a"), 1],
    [idOf(1, "a"), 2],
  ]);
  expect(members.roster()[1]).toEqual({
    id: idOf(3, "a"),
    control: idOf(3, "c"),
    card: cardOf(3),
    depth: 1,
    person: idOf(3, "a"),
    admin: false,
    history: true,
  });
});
