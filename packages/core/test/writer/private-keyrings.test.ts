// What storage sees of keyrings and manifests: no key, no reader, no place, and not how many there are.

import { expect, test } from "vitest";
import { openWriter, type Remote, type Writer } from "../../src/index.ts";
import { generateIdentity, recipientOf } from "../../src/keyring/index.ts";
import { epochKeyOf } from "../../src/log/epoch-keys.ts";
import { text, textOf } from "./log-contents.ts";
import { PowerCutDatabase } from "./power-cut-database.ts";
import { leaks, recorded } from "./recorded-remote.ts";

const seed = new Uint8Array(32).fill(3);

async function write(remote: Remote): Promise<Writer> {
  const writer = await openWriter({
    seed,
    journal: new PowerCutDatabase(),
    remotes: [remote],
    publish: "manual",
  });
  await writer.append(text("secret diary, the first page"));
  await writer.publish();
  return writer;
}

const isKeyring = (bytes: Uint8Array): boolean => textOf(bytes).startsWith("age-encryption.org");

test("storage sees no 8 bytes of a key, of a reader or of a place in keyrings and manifests either", async () => {
  const { remote, sent } = recorded();
  const writer = await write(remote);
  const keys = [writer.readKey!.toBytes()];
  const identities = await Promise.all([1, 2, 3, 4, 5].map(() => generateIdentity()));
  const recipients = await Promise.all(identities.map(recipientOf));
  await writer.grant(recipients.slice(0, 3), { withHistory: true });
  const place = "s3://a-bucket-of-mine/diary?region=eu-west-1";
  await writer.setRemotes([place]);
  await writer.publish();
  for (const change of [
    () => writer.grant(recipients.slice(3)),
    () => writer.revoke(recipients.slice(0, 1)),
    () => writer.revoke([]),
  ]) {
    await change();
    keys.push(writer.readKey!.toBytes());
    await writer.append(text(`secret diary, after change ${keys.length}`));
    await writer.publish();
  }
  const epochKeys = keys.slice(1).map((key, i) => epochKeyOf(key, { logId: writer.logId, epoch: i + 1 }));
  const publicKeys = recipients.flatMap((one) => [text(one), new Uint8Array(Buffer.from(one.slice(4, 40)))]);
  const secrets = [...keys, ...epochKeys, ...publicKeys, ...identities.map(text), text(place), seed];
  expect(sent.filter(isKeyring)).toHaveLength(4);
  expect(leaks(sent, [...secrets, text("after change")])).toEqual([]);
  await writer.close();
});

test("the traces of two logs tell nothing of how many readers they have, or who was shut out", async () => {
  const identities = await Promise.all([1, 2, 3, 4].map(() => generateIdentity()));
  const recipients = await Promise.all(identities.map(recipientOf));
  const traces = [];
  for (const named of [recipients.slice(0, 1), recipients]) {
    const { remote, sent } = recorded();
    const writer = await write(remote);
    await writer.grant(named, { withHistory: named.length > 1 });
    if (named.length > 1) await writer.revoke([]);
    await writer.append(text("more"));
    await writer.publish();
    await writer.revoke(named.slice(1));
    await writer.append(text("more"));
    await writer.publish();
    traces.push(sent.filter(isKeyring).map(({ length }) => length));
    await writer.close();
  }
  expect(new Set(traces.flat()).size).toBe(1);
});
