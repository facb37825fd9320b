// What a remote gets to see of a log, and what of it is secret.

import { memoryRemote } from "@remote-log/memory";
import type { Remote } from "../../src/index.ts";
import { text } from "./log-contents.ts";

/** A remote that keeps everything that was ever sent to it, and everything that it was asked for. */
export function recorded(): { readonly remote: Remote; readonly sent: Uint8Array[] } {
  const { storage, names, ...rest } = memoryRemote();
  const sent: Uint8Array[] = [];
  const remote: Remote = {
    ...rest,
    storage: {
      ...storage,
      put(content, options) {
        sent.push(content.slice());
        return storage.put(content, options);
      },
    },
    names: {
      ...names,
      update(name, content, options) {
        sent.push(text(name), content.slice());
        return names.update(name, content, options);
      },
    },
  };
  return { remote, sent };
}

/** Every window of 8 bytes of some secrets that occurs in what was sent. */
export function leaks(sent: readonly Uint8Array[], secrets: readonly Uint8Array[]): string[] {
  const windows = new Set<string>();
  for (const secret of secrets) {
    const hex = Buffer.from(secret).toString("latin1");
    for (let at = 0; at + 8 <= hex.length; at++) windows.add(hex.slice(at, at + 8));
  }
  const found = new Set<string>();
  for (const bytes of sent) {
    const latin = Buffer.from(bytes).toString("latin1");
    for (let at = 0; at + 8 <= latin.length; at++) {
      const window = latin.slice(at, at + 8);
      if (windows.has(window)) found.add(window);
    }
  }
  return [...found];
}
