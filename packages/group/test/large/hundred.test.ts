// Large groups: what a join and catching up cost, in requests. To see the figures for a hundred members:
// TEST_WHOLE=1 pnpm vitest run packages/group/test/large --silent=false

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { runs, whole } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { comeIn, Device, Place } from "../devices.ts";

const MEMBERS = runs(10, 100);

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

type Requests = Place["requests"];

function since(place: Place, before: Requests): Requests {
  const { requests } = place;
  const [put, get, has] = [requests.put - before.put, requests.get - before.get, requests.has - before.has];
  return {
    put,
    get,
    has,
    resolve: requests.resolve - before.resolve,
    update: requests.update - before.update,
  };
}

async function measured<T>(
  place: Place,
  work: () => Promise<T>,
): Promise<Requests & { milliseconds: number }> {
  const [before, began] = [{ ...place.requests }, performance.now()];
  await work();
  return { ...since(place, before), milliseconds: Math.round(performance.now() - began) };
}

test(`${MEMBERS} members join one after another, and what all of them write arrives`, {
  timeout: whole ? 3_600_000 : 600_000,
}, async () => {
  const place = new Place();
  const [alice, bob] = [new Device("Alice", place), new Device("Bob", place)];
  await alice.open();
  await comeIn(bob, alice);
  bob.online = false;
  const texts: string[] = [];
  for (let n = 2; n < MEMBERS; n++) {
    const newcomer = new Device(`Member ${n}`, place);
    const invite = await alice.group.invite();
    await newcomer.open(invite);
    await newcomer.group.sync();
    const admits = await measured(place, () => alice.group.sync());
    const comes = await measured(place, () => newcomer.group.sync());
    texts.push(`Hello from ${n}.`);
    await newcomer.group.append({ text: `Hello from ${n}.` });
    await newcomer.group.sync();
    await newcomer.group.close();
    // Whoever lets somebody in writes as much in a large group as in a small one, and asks for two names of each member.
    expect(admits.put + admits.update).toBeLessThanOrEqual(16);
    expect(admits.get + admits.has).toBeLessThanOrEqual(16);
    expect(admits.resolve).toBeLessThanOrEqual(2 * n + 12);
    // A newcomer reads two logs of each member, each in at most three steps, and opens no keyring to do so.
    expect(comes.get + comes.has).toBeLessThanOrEqual(6 * n + 12);
    expect(comes.resolve).toBeLessThanOrEqual(3 * n + 20);
    expect(comes.put + comes.update).toBeLessThanOrEqual(16);
    if (n % 10 === 9) {
      collect();
      const heap = Math.round(process.memoryUsage().heapUsed / 1e6);
      console.log(`member ${n}: lets in ${told(admits)}; comes in ${told(comes)}; heap ${heap} MB`);
    }
  }
  bob.online = true;
  const all = await measured(place, () => bob.group.sync());
  console.log(`away while ${MEMBERS - 2} joined: ${told(all)}`);
  expect(await bob.texts()).toEqual(texts);
  expect(await alice.texts().then(({ length }) => length)).toBeGreaterThanOrEqual(texts.length - 1);
  const idle = await measured(place, () => bob.group.sync());
  console.log(`nothing new: ${told(idle)}`);
  // One name of each log, and nothing else.
  expect(idle).toMatchObject({ get: 0, has: 0, put: 0, update: 0 });
  expect(idle.resolve).toBeLessThanOrEqual(2 * (MEMBERS - 1));
  await alice.group.append({ text: "one" });
  await alice.group.sync();
  const one = await measured(place, () => bob.group.sync());
  console.log(`one has written: ${told(one)}`);
  expect(one.get + one.has).toBeLessThanOrEqual(4);
  expect(one.resolve).toBeLessThanOrEqual(2 * (MEMBERS - 1));
  expect((await bob.texts()).at(-1)).toBe("one");
  await alice.group.close();
  await bob.group.close();
});

function told({ put, get, has, resolve, update, milliseconds }: Requests & { milliseconds: number }): string {
  return `${put} put, ${get} get, ${has} has, ${resolve} resolve, ${update} update, ${milliseconds} ms`;
}
