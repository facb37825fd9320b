// Two devices that are never online at the same time, with a server between them.

import { deriveKeys, generateSeed } from "@remote-log/core";
import { expect } from "vitest";
import { COUNT, twoDevices, type Visited } from "./processes.ts";

/** How often each sends. */
const VISITS = 4;

/**
 * Lets two devices visit a server in turn, as processes each of which ends before the next one starts, until all messages are there.
 *
 * @param placeOf - what `logs.mjs` has to know of the server, for a device
 * @param nameOf - by what others find the log of a device, if not by its name
 * @returns what still waits on each in the end
 */
export async function visitInTurn(
  placeOf: (name: string) => object,
  nameOf: (keys: ReturnType<typeof deriveKeys>) => Promise<string | undefined> = async () => undefined,
): Promise<unknown[]> {
  const devices = await twoDevices();
  const seeds = { alice: generateSeed(), bob: generateSeed() };
  const last: { alice?: Visited; bob?: Visited } = {};
  let requests = 0;
  const visit = async (name: "alice" | "bob", sends: number): Promise<void> => {
    const peer = name === "alice" ? "bob" : "alice";
    const found = last[peer];
    const log = found && {
      peer,
      logId: found.logId,
      key: found.key,
      name: await nameOf(deriveKeys(seeds[peer])),
    };
    const seed = Buffer.from(seeds[name]).toString("hex");
    const life = devices.start(name, { place: placeOf(name), seed, log, sends, window: COUNT });
    await life.until(({ visited }) => visited !== undefined, "the end of a visit");
    await life.end();
    expect(life.events).toEqual([]);
    last[name] = life.said.visited!;
    requests += last[name].requests;
  };
  const begun = performance.now();
  for (let i = 1; i <= VISITS; i++) {
    for (const name of ["alice", "bob"] as const) await visit(name, Math.round((COUNT * i) / VISITS));
  }
  // Alice reads the last ones of Bob, and Bob that she has.
  for (const name of ["alice", "bob"] as const) await visit(name, COUNT);
  await devices.check();
  console.log(`${2 * COUNT} messages, ${requests} requests, ${Math.round(performance.now() - begun)} ms`);
  return [last.alice!.waiting, last.bob!.waiting];
}
