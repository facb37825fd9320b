import { decode, encode } from "cborg";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type ControlLogs, isRemoved, membershipOf } from "../../src/members/membership.ts";
import {
  type Card,
  controlOf,
  decodeCard,
  decodeRecord,
  encodeCard,
  encodeRecord,
  type MembershipRecord,
  memberOf,
} from "../../src/members/records.ts";
import { added, cardOf, idOf, removed } from "./cards.ts";

/** The control logs of some devices; that of the first begins the group. */
function logsOf(...records: readonly (readonly MembershipRecord[])[]): ControlLogs {
  return new Map(
    records.map((said, device) => {
      const all: readonly MembershipRecord[] =
        device === 0 ? [{ type: "create", card: cardOf(0) }, ...said] : said;
      return [idOf(device, "c"), all.map((record, sequence) => ({ sequence, record }))];
    }),
  );
}

function members(...records: readonly (readonly MembershipRecord[])[]): ReturnType<typeof membershipOf> {
  return membershipOf({ founder: idOf(0, "c"), logs: logsOf(...records) });
}

function namesOf(found: ReturnType<typeof membershipOf>): readonly string[] {
  return [...found.values()].filter((member) => !isRemoved(member)).map(({ card }) => card.name.slice(7));
}

test("the founder adds, and who was added adds only if it may", () => {
  expect(namesOf(members([added(1, { admin: true }), added(2)], [added(3)], [added(4)]))).toEqual([
    "0",
    "1",
    "2",
    "3",
  ]);
});

test("who may not invite adds devices of the same person", () => {
  const found = members([added(1)], [added(2, { ownDevice: true, admin: true })], [added(3)]);
  expect(namesOf(found)).toEqual(["0", "1", "2"]);
  expect(found.get(idOf(2, "a"))).toMatchObject({
    person: idOf(1, "a"),
    admin: false,
    addedBy: idOf(1, "a"),
  });
});

test("nobody gives more than they have", () => {
  const found = members(
    [added(1, { history: false })],
    [added(2, { ownDevice: true, history: true, admin: true })],
  );
  expect(found.get(idOf(2, "a"))).toMatchObject({ history: false, admin: false });
});

test("of one who was removed, what the remover had seen counts", () => {
  const found = members([added(1, { admin: true }), removed(1, 7, 1)], [added(2), added(3)]);
  expect(found.get(idOf(1, "a"))).toMatchObject({ messages: 7, controls: 1 });
  expect(namesOf(found)).toEqual(["0", "2"]);
});

test("who is nearer to the founder removes, and nobody the other way or at the same distance", () => {
  const both = [added(1, { admin: true }), added(2, { admin: true })];
  expect(namesOf(members(both, [removed(2)], [removed(1)]))).toEqual(["0", "1", "2"]);
  expect(namesOf(members([...both, removed(1)], [removed(0)]))).toEqual(["0", "2"]);
});

test("who is no admin removes nobody but devices of the same person, and itself", () => {
  const found = members(
    [added(1), added(2)],
    [removed(2), removed(1, 3, 2)],
    [added(3, { ownDevice: true }), removed(3)],
  );
  expect(namesOf(found)).toEqual(["0", "2"]);
  expect(found.get(idOf(1, "a"))).toMatchObject({ messages: 3, controls: 2 });
});

test("who is near to the founder removes who is far from it, and nobody far removes who is near", () => {
  const far = [
    [added(1, { admin: true }), removed(2)],
    [added(2), added(3)],
    [removed(1), removed(0)],
  ];
  expect(namesOf(members(...far))).toEqual(["0", "1", "3"]);
  expect(namesOf(members([added(1, { admin: true })], [added(2)], [added(3, { ownDevice: true })]))).toEqual([
    "0",
    "1",
    "2",
    "3",
  ]);
  // Two steps away, and of another person.
  expect(
    namesOf(members([added(1), removed(3)], [added(2, { ownDevice: true }), added(3, { ownDevice: true })])),
  ).toEqual(["0", "1", "2"]);
  // Of one's own person alone, if one is no admin.
  expect(
    namesOf(members([added(1), added(2)], [removed(4), removed(3)], [added(4, { ownDevice: true })], [])),
  ).toEqual(["0", "1", "2", "4"]);
});

test("a person has sixteen devices at most that it added itself", () => {
  const own = Array.from({ length: 20 }, (_, i) => added(10 + i, { ownDevice: true }));
  expect(members([added(1)], own).size).toBe(1 + 16);
  expect(members([...own, added(1)]).size).toBe(16 + 1);
});

test("after leaving, a device says nothing that counts", () => {
  const found = members([added(1, { admin: true })], [removed(1, 3, 1), added(2)]);
  expect(namesOf(found)).toEqual(["0"]);
});

test("a log that does not begin with its own founder makes no group", () => {
  const logs = logsOf([added(1)]);
  expect(membershipOf({ founder: idOf(1, "c"), logs }).size).toBe(0);
  const foreign = new Map([
    [idOf(0, "c"), [{ sequence: 0, record: { type: "create", card: cardOf(5) } as const }]],
  ]);
  expect(membershipOf({ founder: idOf(0, "c"), logs: foreign }).size).toBe(0);
});

test("a roster names the members while their logs can't be read", () => {
  const roster = [0, 1].map((device) => ({
    card: cardOf(device),
    depth: device,
    person: idOf(device, "a"),
    admin: true,
    history: true,
  }));
  const found = membershipOf({
    founder: idOf(0, "c"),
    logs: logsOf([], [added(2)]),
    roster: [...roster].reverse(),
  });
  expect(namesOf(found)).toEqual(["0", "1", "2"]);
});

const record = fc.record({
  by: fc.nat({ max: 5 }),
  about: fc.nat({ max: 5 }),
  kind: fc.constantFrom("add", "remove"),
  admin: fc.boolean(),
  ownDevice: fc.boolean(),
  messages: fc.nat({ max: 9 }),
  control: fc.nat({ max: 5 }),
});

test("more word from the members makes nobody a member twice, and never shuts out the founder", () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 20 }), (given) => {
      const said: MembershipRecord[][] = Array.from({ length: 6 }, () => []);
      for (const { by, about, kind, admin, ownDevice, messages, control } of given)
        said[by]!.push(
          kind === "add" ? added(about, { admin, ownDevice }) : removed(about, messages, control),
        );
      const found = members(...said);
      const founder = found.get(idOf(0, "a"));
      // The founder leaves by its own word alone.
      const left = said[0]!.some((entry) => entry.type === "remove" && entry.member === idOf(0, "a"));
      expect(founder !== undefined && isRemoved(founder)).toBe(left);
      for (const member of found.values()) {
        if (member.depth === 0) continue;
        const by = found.get(member.addedBy!)!;
        expect(by.depth).toBe(member.depth - 1);
        if (member.admin)
          expect([...found.values()].some((other) => other.admin && other.depth < member.depth)).toBe(true);
      }
      // The order in which logs were read says nothing.
      const turned = membershipOf({ founder: idOf(0, "c"), logs: new Map([...logsOf(...said)].reverse()) });
      expect(new Map(turned)).toEqual(new Map(found));
    }),
  );
});

test("records have one encoding, and anything else is refused", () => {
  const given = [
    { member: "ab".repeat(8), messages: 0, control: 3 },
    { member: "cd".repeat(8), control: 0 },
    { member: "ef".repeat(8) },
  ];
  const all: readonly MembershipRecord[] = [
    { type: "create", card: cardOf(0) },
    { type: "invite", number: 3, ownDevice: true, admin: false, history: true, expires: 2 ** 48 - 1 },
    { type: "take-back", number: 3 },
    { ...added(2), given },
    removed(1),
  ];
  for (const one of all) expect(decodeRecord(encodeRecord(one))).toEqual(one);
  fc.assert(
    fc.property(fc.constantFrom(...all), fc.nat(), fc.nat({ max: 255 }), (one, at, value) => {
      const bytes = encodeRecord(one);
      bytes[at % bytes.length] = value;
      try {
        expect(encodeRecord(decodeRecord(bytes))).toEqual(bytes);
      } catch (error) {
        expect(error).toMatchObject({ code: "ERR_MALFORMED" });
      }
    }),
  );
});

test("a list of keys for more members than there can be is refused", () => {
  const given = Array.from({ length: 201 }, () => ({ member: "ab".repeat(8) }));
  const bytes = encodeRecord({ ...added(2), given });
  expect(() => decodeRecord(bytes)).toThrow(expect.objectContaining({ code: "ERR_MALFORMED" }));
});

test.each<[string, Partial<Card>]>([
  ["a link with a key", { messages: `${cardOf(1).messages.split("#")[0]}#key` }],
  ["no link", { control: "https://example.org" }],
  ["no recipient", { recipient: "bob" }],
  ["a name that moves the cursor", { name: "\u001b[2J" }],
  ["no name", { name: "" }],
])("a card with %s is refused", (_, changed) => {
  const bytes = encodeRecord({ type: "create", card: { ...cardOf(1), ...changed } });
  expect(() => decodeRecord(bytes)).toThrow(expect.objectContaining({ code: "ERR_MALFORMED" }));
});

test("a card has one encoding", () => {
  const bytes = encodeCard(cardOf(1));
  expect(decodeCard(bytes)).toEqual(cardOf(1));
  for (const wrong of [
    encode([1, [...decode(bytes)[1], "more"]]),
    encode([1, decode(bytes)[1], 0]),
    encode([2, decode(bytes)[1]]),
  ])
    expect(() => decodeCard(wrong)).toThrow(expect.objectContaining({ code: "ERR_MALFORMED" }));
});

test("a card names its logs", () => {
  expect([memberOf(cardOf(1)), controlOf(cardOf(1))]).toEqual([idOf(1, "a"), idOf(1, "c")]);
});

test("a second word adds rights to a device that is farther away, and takes none", () => {
  const admin = added(2, { admin: true });
  const found = members([added(1, { admin: true })], [added(2, { history: false })], []);
  expect(found.get(idOf(2, "a"))).toMatchObject({ admin: false, history: false });
  const twice = members([added(1, { admin: true })], [added(2, { history: false }), admin, added(2)], []);
  expect(twice.get(idOf(2, "a"))).toMatchObject({ admin: true, history: true, depth: 2 });
  // Not from as far away as it is itself.
  const beside = members([added(1, { history: false }), added(3, { admin: true })], [], [], [added(1)]);
  expect(beside.get(idOf(1, "a"))).toMatchObject({ history: false, depth: 1 });
});

test("a group has two hundred devices at most", () => {
  const many = Array.from({ length: 250 }, (_, i) => added(1 + i));
  expect(members(many).size).toBe(200);
});

test("whom two admins at one depth add is added by the one whose id is less, in whatever order they came", () => {
  const both = [added(2, { admin: true }), added(1, { admin: true })];
  for (const first of [both, [...both].reverse()])
    expect(members(first, [added(3, { ownDevice: true })], [added(3)]).get(idOf(3, "a"))).toMatchObject({
      person: idOf(1, "a"),
      addedBy: idOf(1, "a"),
    });
});

test.each<[first: boolean, second: boolean, speaker: boolean, history: boolean]>([
  [false, true, true, true],
  [false, true, false, false],
  [false, false, true, false],
  [true, false, true, true],
])(
  "history that was first given (%s), and then said (%s) by one who has it (%s), is had (%s)",
  (first, second, speaker, history) => {
    const found = members(
      [added(1, { admin: true }), added(2, { admin: true, history: speaker })],
      [added(3, { history: first })],
      [added(3, { history: second })],
    );
    expect(found.get(idOf(3, "a"))?.history).toBe(history);
  },
);

test("who is nearer to the founder is heard first, also if a roster names others before", () => {
  const roster = [{ card: cardOf(1), depth: 3, person: idOf(1, "a"), admin: true, history: true }];
  const logs = logsOf([added(2, { admin: true })], [added(7)], [added(7)]);
  const found = membershipOf({ founder: idOf(0, "c"), logs, roster });
  expect(found.get(idOf(7, "a"))).toMatchObject({ depth: 2, addedBy: idOf(2, "a") });
});

test("a group begins with its founder's word, and with no other record", () => {
  const first = (record: MembershipRecord, sequence = 0): number =>
    membershipOf({ founder: idOf(0, "c"), logs: new Map([[idOf(0, "c"), [{ sequence, record }]]]) }).size;
  expect(first({ type: "create", card: cardOf(0) })).toBe(1);
  expect(first({ type: "create", card: cardOf(0) }, 1)).toBe(0);
  expect(first(added(0))).toBe(0);
});

test("a roster says nothing more of who is known already, and its depths end", () => {
  const entry = { card: cardOf(0), depth: 2 ** 40, person: idOf(7, "a"), admin: false, history: false };
  const found = membershipOf({
    founder: idOf(0, "c"),
    logs: logsOf([], []),
    roster: [entry, { ...entry, card: cardOf(1) }],
  });
  expect(found.get(idOf(0, "a"))).toMatchObject({
    admin: true,
    history: true,
    depth: 0,
    person: idOf(0, "a"),
  });
  expect(found.get(idOf(1, "a"))).toMatchObject({ admin: false, depth: 2 ** 40 });
});
