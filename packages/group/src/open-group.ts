// The entry: opens a group, founds it, or comes into it.

import { InvalidInputError } from "@remote-log/core";
import { News, timeNow } from "@remote-log/core/adapter";
import { ReaderIdentity } from "@remote-log/core/keyring";
import { OwnAttachments } from "./attachments/attach.ts";
import { checkGroupOptions, checkRemotesOfLog } from "./check-options.ts";
import { Group, type GroupParts } from "./group.ts";
import { parseInvitation } from "./invite/invite-link.ts";
import { GroupKeys } from "./keys.ts";
import { KnownMembers } from "./members/known-members.ts";
import { isName, LONGEST_NAME } from "./members/records.ts";
import { decodeWelcome } from "./members/welcome.ts";
import { type GroupOptions, type GroupRemote, POLL_MILLISECONDS } from "./options.ts";
import { OwnLogs } from "./own/own-logs.ts";
import { GroupStore, READERS } from "./store/group-store.ts";
import { KnownKeys } from "./store/known-keys.ts";
import { prefixedDatabase } from "./store/prefixed-database.ts";
import { Settings } from "./store/settings.ts";
import { takeDatabases } from "./store/take-databases.ts";
import { GroupSync } from "./sync/group-sync.ts";

const SETTINGS = new Uint8Array([5]);
const operation = "group.open";

/**
 * Opens a group on this device: the one that its databases hold; or, if they are empty, the one of the invitation; or, without one, a new
 * group, of which this device is the founder. It needs no network, and what is on the device can be read at once.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used, and with the reason `"damaged"`,
 * `"no-invitation"` or `"expired"` for an invitation that can't be used; UnsupportedError `ERR_UNSUPPORTED` for one of a newer kind
 * @throws JournalLockedError `ERR_JOURNAL_LOCKED` if another process, or another tab of the browser, has the group open; and what
 * `openWriter` throws
 *
 * @example
 * ```ts
 * import { generateSeed } from "@remote-log/core";
 * import { jsonCodec, openGroup } from "@remote-log/group";
 * import { fsRemote } from "@remote-log/fs";
 * import { MemoryLevel } from "memory-level";
 *
 * interface Note {
 *   readonly text: string;
 * }
 * const folder = () => fsRemote({ root: "shared-folder" }); // a bucket, in life
 * const device = (name: string) => ({
 *   name,
 *   seed: generateSeed(), // keep it: loadOrCreateSeed
 *   journal: new MemoryLevel<Uint8Array, Uint8Array>(),
 *   store: new MemoryLevel<Uint8Array, Uint8Array>(),
 *   codec: jsonCodec<Note>(),
 *   remotes: () => [{ remote: folder(), uri: "file:shared-folder" }],
 *   schemes: { "file:": folder },
 *   sync: "manual" as const, // when it is told to, so that this example has an end
 * });
 *
 * const alice = await openGroup(device("Alice"));
 * const invite = await alice.invite(); // send it to Bob
 * await alice.append({ text: "Hello" });
 * await alice.sync();
 *
 * const bob = await openGroup({ ...device("Bob"), invite });
 * await bob.sync(); // asks to be let in
 * await alice.sync(); // lets him in
 * await bob.sync();
 * for await (const { value } of bob.messages()) console.log(value.text); // Hello
 * await alice.close();
 * await bob.close();
 * ```
 */
export async function openGroup<T>(options: GroupOptions<T>): Promise<Group<T>> {
  checkGroupOptions(options);
  const { seed, journal, store: database, codec, invite, name = "device", sync = "auto" } = options;
  const { schemes = {}, now = timeNow, pollMilliseconds = POLL_MILLISECONDS, retries } = options;
  const { onUndecodable = () => undefined, onWithdrawn = () => undefined } = options;
  if (!isName(name))
    throw new InvalidInputError(`The name of a device has 1 to ${LONGEST_NAME} printable characters.`, {
      operation,
    });
  if (!(pollMilliseconds >= 1 && pollMilliseconds < 2 ** 31))
    throw new InvalidInputError(
      `pollMilliseconds must be from 1 to ${2 ** 31 - 1}, not ${pollMilliseconds}.`,
      { operation },
    );
  if (invite !== undefined) parseInvitation(invite);
  const keys = new GroupKeys(seed);
  const giveBack = takeDatabases(journal, database);
  const opened: GroupRemote[] = [];
  const remotes = options.remotes && keepingRemotes(options.remotes, opened);
  const closing: (() => Promise<void>)[] = [
    () => database.close(),
    () => journal.close(),
    async () => giveBack(),
  ];
  try {
    const store = new GroupStore(database);
    const own = await OwnLogs.open(keys, journal, store, { remotes, sync, now, onUndecodable, database });
    closing.unshift(
      () => own.close(),
      () => closeRemotes(opened),
    );
    const known = await KnownKeys.load(database);
    const settings = new Settings(prefixedDatabase(journal, SETTINGS));
    const [recipient] = await new ReaderIdentity(keys.identity).recipients();
    const members = new KnownMembers(store, own.messages.id);
    const news = new News();
    const readers = prefixedDatabase(database, READERS);
    const parts = {
      keys,
      own,
      members,
      known,
      store,
      settings,
      journal,
      readers,
      schemes,
      remotes,
      name,
      now,
      retries,
    };
    const syncing = new GroupSync({ ...parts, recipient: recipient!, onUndecodable, onWithdrawn });
    closing.unshift(() => syncing.close());
    await enter({ ...parts, recipient: recipient! }, invite);
    return new Group<T>({
      ...parts,
      recipient: recipient!,
      codec,
      syncing,
      news,
      attachments: new OwnAttachments(own.attachments, settings),
      onUndecodable,
      onWithdrawn,
      onStatus: options.onStatus,
      pollMilliseconds: sync === "manual" ? undefined : pollMilliseconds,
      closeAll: () => closeInTurn(closing),
    });
  } catch (error) {
    await closeInTurn(closing).catch(() => undefined);
    throw error;
  }
}

/** Comes back to the group of this device, asks to be let in, or founds one. */
async function enter(
  {
    settings,
    own,
    members,
    name,
    recipient,
    store,
    now,
  }: Pick<GroupParts<never>, "settings" | "own" | "members" | "name" | "recipient" | "store" | "now">,
  invite: string | undefined,
): Promise<void> {
  await members.load(own.control.id);
  const group = await settings.get("group");
  if (group !== undefined) {
    members.founder = group;
    const asked = await settings.get("invite");
    // The word of who let this device in names the members that it can't read yet.
    const { logId: log } = asked === undefined ? { logId: undefined } : parseInvitation(asked).welcome;
    const kept = log === undefined ? undefined : await store.entry({ log, sequence: 0 });
    if (kept !== undefined) members.welcomed = decodeWelcome(kept.content).members;
    await loadAll(members);
    return;
  }
  if (invite !== undefined || (await settings.get("invite")) !== undefined) {
    if (invite !== undefined) {
      if (parseInvitation(invite).expires <= now()) throw expired();
      await settings.set("invite", invite);
    }
    return;
  }
  if (own.control.writer.size === 0 && !own.control.isBehind) {
    const { sequence, content } = await own.appendRecord({ type: "create", card: own.card(name, recipient) });
    members.take(own.control.id, sequence, content);
  }
  await store.settled();
  await settings.set("group", own.control.id);
  members.founder = own.control.id;
}

function expired(): InvalidInputError {
  return new InvalidInputError("This invitation has expired. Ask for another one.", {
    operation,
    reason: "expired",
  });
}

async function loadAll(members: KnownMembers): Promise<void> {
  for (let known = 0; known < members.all.size; ) {
    known = members.all.size;
    for (const { control } of [...members.all.values()]) await members.load(control);
  }
}

/** Keeps in mind which remotes were opened, so that they are closed with the group. */
function keepingRemotes(
  open: NonNullable<GroupOptions<never>["remotes"]>,
  opened: GroupRemote[],
): NonNullable<GroupOptions<never>["remotes"]> {
  return async (seed) => {
    const remotes = await open(seed);
    checkRemotesOfLog(remotes);
    opened.push(...remotes);
    return remotes;
  };
}

async function closeRemotes(opened: readonly GroupRemote[]): Promise<void> {
  for (const { storage, names } of new Set(opened.map(({ remote }) => remote))) {
    await storage.close?.();
    await names.close?.();
  }
}

async function closeInTurn(closing: readonly (() => Promise<void>)[]): Promise<void> {
  for (const close of closing) await close();
}
