// What a remote has to be, and what its name system says of updates from two devices.

import { memoryRemote } from "@remote-log/memory";
import { expect, test } from "vitest";
import { compareAndSetOf, InvalidInputError, type NameResolver, type Remote } from "../../src/index.ts";
import { withRemoteId } from "../../src/log/head.ts";
import { storageWithDeadlines } from "../../src/remote/deadlines.ts";
import { nameContent } from "../../src/remote/name-content.ts";
import { checkRemotes } from "../../src/remote/remote.ts";
import { ScriptedNames } from "../reader/scripted-remote.ts";

const remote = memoryRemote({ label: "one" });
const { storage, names } = remote;
const { signal } = new AbortController();

test.each<[unknown, string]>([
  [undefined, "`remotes` must be an array of remotes"],
  [[remote, 3], "`remotes[1]` must be a remote"],
  [[{ ...remote, label: 1 }], "`label` of `remotes[0]`"],
  [[{ ...remote, storage: undefined }], "`storage` of `remotes[0]`"],
  [[{ ...remote, storage: { ...storage, capabilities: undefined } }], "`storage` of `remotes[0]`"],
  [[{ ...remote, storage: { capabilities: storage.capabilities } }], "`storage` of `remotes[0]`"],
  [[{ ...remote, names: { ...names, capabilities: 1 } }], "`names` of `remotes[0]`"],
  [[{ ...remote, names: { capabilities: names.capabilities } }], "`names` of `remotes[0]`"],
  [[{ ...remote, name: 1 }], "`name` of `remotes[0]`"],
])("%j is no list of remotes", (remotes, message) => {
  const check = (): void => checkRemotes(remotes as Remote[]);
  expect(check).toThrow(InvalidInputError);
  expect(check).toThrow(message);
  expect(check).toThrow(expect.objectContaining({ operation: "remotes.check" }));
});

test("whether an update is compared is asked of the service just where its adapter does not know", async () => {
  const asked: unknown[] = [];
  const probing = (compareAndSet: "atomic" | "none" | "probed", answer?: "atomic"): NameResolver => ({
    ...names,
    capabilities: { ...names.capabilities, compareAndSet },
    ...(answer !== undefined && {
      probeCompareAndSet: async (options) => {
        asked.push(options);
        return answer;
      },
    }),
  });
  expect(await compareAndSetOf(probing("none", "atomic"))).toBe("none");
  expect(asked).toEqual([]);
  expect(await compareAndSetOf(probing("probed", "atomic"), { signal })).toBe("atomic");
  expect(asked).toEqual([{ signal }]);
  expect(await compareAndSetOf(probing("probed"))).toBe("none");
});

test("a name holds the id of the remote with the head, if the remote has one", async () => {
  const id = new Uint8Array(16).fill(7);
  const head = new TextEncoder().encode("the head");
  const place = { storage, names: new ScriptedNames() };
  expect(await nameContent(place, head, signal, id)).toEqual(withRemoteId(head, id));
  expect(await nameContent(place, head, signal)).toEqual(head);
});

test("a list is passed on step by step, and ended if nobody wants more of it", async () => {
  let ended: AbortSignal | undefined;
  async function* list(options: { signal?: AbortSignal } = {}) {
    ended = options.signal;
    yield* [1, 2, 3];
  }
  const limited = storageWithDeadlines(Object.assign({ ...storage }, { list }) as never, {
    milliseconds: 60_000,
    label: "one",
  });
  const all: unknown[] = [];
  for await (const one of limited.list!()) all.push(one);
  expect(all).toEqual([1, 2, 3]);
  for await (const one of limited.list!({ signal })) {
    expect([one, ended?.aborted]).toEqual([1, false]);
    break;
  }
  expect(ended?.aborted).toBe(true);
});
