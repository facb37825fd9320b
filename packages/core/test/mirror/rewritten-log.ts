import { addressOf, rawSha256 } from "../../src/index.ts";
import { encodeHead, type HeadLevel, verifyHead } from "../../src/log/head.ts";
import { encodeIndexNode } from "../../src/log/index-node.ts";
import { encodePage, type Ref } from "../../src/log/page.ts";
import type { Pair } from "../../src/log/pair.ts";
import { perfectSubtreeHash } from "../../src/merkle/index.ts";
import { defaultLimits } from "../../src/tree/reader-limits.ts";
import { TreeView } from "../../src/tree/tree-view.ts";
import { ScriptedStorage } from "../reader/scripted-remote.ts";
import type { WrittenLog } from "../reader/written-log.ts";

/**
 * The log as a storage without the key can show it: the same signed root, with other places for its contents.
 *
 * @param change - gives each pair its place
 */
export async function rewritten(
  log: WrittenLog,
  change: (pair: Pair, sequence: number) => Pair,
): Promise<{ readonly contents: Map<string, Uint8Array>; readonly head: Uint8Array }> {
  const head = await verifyHead(log.head, log.logId);
  const view = new TreeView(
    head,
    new ScriptedStorage(log.contents),
    defaultLimits,
    new AbortController().signal,
  );
  const { leafSize, fanOut } = head.genesis.genesis;
  const contents = new Map(log.contents);
  const put = async (bytes: Uint8Array): Promise<Ref["address"]> => {
    const address = await addressOf(bytes, rawSha256);
    contents.set(`${address}`, bytes);
    return address;
  };
  let refs: Ref[] = [];
  for (let i = 0; i < view.pages; i++) {
    const page = await view.page(i);
    const pairs = page.pairs.map((pair, at) => change(pair, i * leafSize + at));
    const { hash } = await view.ref(0, i);
    refs.push({ address: await put(encodePage(pairs, refs.at(-1)?.address)), hash });
  }
  const levels: HeadLevel[] = [];
  for (const { first } of head.shape.levels) {
    levels.push({ refs: refs.slice(first) });
    const above: Ref[] = [];
    for (let at = 0; at < first; at += fanOut) {
      const below = refs.slice(at, at + fanOut);
      const hash = perfectSubtreeHash(below.map((ref) => ref.hash));
      above.push({ address: await put(encodeIndexNode(below)), hash });
    }
    refs = above;
  }
  const pairs = head.pairs.map((pair, at) => change(pair, view.pages * leafSize + at));
  return { contents, head: encodeHead({ ...head, levels, pairs }) };
}
