// What real servers see of a private log: of contents, identifiers, keys and other remotes nothing, and of lengths what is padded.

import { serverOrSkip } from "@remote-log/servers";
import { beforeAll, describe, expect, test } from "vitest";
import { findLeaks, type Secret } from "../../src/leaks/index.ts";
import { type LogAtPlaces, writeLog } from "./log-at-places.ts";
import { type Place, startBackends } from "./places.ts";

const names = ["fs", "minio", "versitygw", "kubo", "bee"];
const verdicts = await Promise.all(
  (["minio", "versitygw", "kubo", "bee"] as const).map((name) => serverOrSkip(name)),
);

// Padding makes equals of both: to 32, 304, 928, 3,072 and 71,680 bytes. The last one is 18 chunks on Swarm.
const sizes = [
  [12, 24],
  [300, 291],
  [900, 899],
  [3000, 2950],
  [70_000, 69_700],
] as const;
const shapeOf = (log: 0 | 1): number[] => [
  ...sizes.map((pair) => pair[log]),
  ...Array.from({ length: 35 }, (_, i) => 12 + ((i * (log + 1)) % 19)),
];

describe.skipIf(verdicts.some(({ skip }) => skip))("a log on five backends", () => {
  let first: LogAtPlaces;
  let second: LogAtPlaces;
  let open: LogAtPlaces;
  beforeAll(async () => {
    const backends = await startBackends();
    expect(backends.map(({ name }) => name)).toEqual(names);
    first = await writeLog(backends, { shape: shapeOf(0), visibility: "private" });
    second = await writeLog(backends, { shape: shapeOf(1), visibility: "private" });
    // A public log whose entries are all that is secret: what the scan is to find in it, it would find in the others.
    open = await writeLog(backends, {
      shape: shapeOf(0).slice(0, 8),
      visibility: "public",
      showsSecrets: true,
    });
  });

  /** What a backend must not see of some logs: their secrets, and what their URIs at other backends say. */
  const secretsFrom = (backend: string, logs: readonly LogAtPlaces[]): readonly Secret[] =>
    logs.flatMap(({ secrets, places }) => [
      ...secrets,
      ...places.filter((place) => place.backend !== backend).flatMap(({ own }) => own),
    ]);
  const credentials = (place: Place): readonly Secret[] => place.credentials ?? [];
  const placeAt = (backend: string, { places }: LogAtPlaces): Place =>
    places.find((place) => place.backend === backend)!;

  test.each(names)(
    "%s sees no 8 bytes of what is secret, in requests, files and its log",
    async (backend) => {
      const logs = [first, second];
      const places = logs.map((log) => placeAt(backend, log));
      const sent = places.flatMap((place) => place.sent());
      // What a server keeps, it keeps for all logs together; of folders each is one log's.
      const keepers = backend === "fs" ? places : places.slice(1);
      const kept = (await Promise.all(keepers.map((place) => place.kept()))).flat();
      expect(sent.length + kept.length).toBeGreaterThan(80);
      const secrets = secretsFrom(backend, logs);
      const others = first.places.filter((place) => place.backend !== backend).flatMap(credentials);
      expect(findLeaks({ secrets: [...secrets, ...others], traces: [...sent, ...kept] })).toEqual([]);
      expect(findLeaks({ secrets: credentials(places[0]!), traces: sent })).toEqual([]);
    },
  );

  test.each(names)("two logs of one shape leave traces of equal lengths at %s", (backend) => {
    const at = names.indexOf(backend);
    // A node that takes several contents in one request sees fewer.
    expect(first.lengths[at]!.length).toBeGreaterThanOrEqual(16);
    expect(second.lengths[at]).toEqual(first.lengths[at]);
  });

  test.each(names)(
    "of a public log that shows what is secret, the scan finds everything at %s",
    async (backend) => {
      const place = placeAt(backend, open);
      const secrets = secretsFrom(backend, [open]);
      // A folder is sent no requests, and Bee keeps everything in memory.
      const sent = backend === "fs" ? [] : [place.sent()];
      const kept = backend === "bee" ? [] : [await place.kept()];
      const missed = [...sent, ...kept].map((traces) => {
        const found = new Set(findLeaks({ secrets, traces }).map(({ secret }) => secret));
        return secrets.map(({ name }) => name).filter((name) => !found.has(name));
      });
      expect(missed).toEqual([...sent, ...kept].map(() => []));
    },
  );
});
