// What becomes of what a remote says that was silent before.

import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { ConflictError, DeniedError, TimeoutError } from "../../src/index.ts";
import { schedulerOf, Watched } from "./scheduled-remotes.ts";

const { signal } = new AbortController();
const context = { operation: "test" };

test("what a remote that was silent says in the end is heard at the next publish", async () => {
  const silence = new TimeoutError("Silent.", context);
  const late = {
    "another device writes there": new ConflictError("Other.", { ...context, foreign: new Uint8Array(0) }),
    "it refuses": new DeniedError("No.", context),
  };
  for (const error of Object.values(late)) {
    const [one, other] = [new Watched("one"), new Watched("two")];
    const { scheduler } = await schedulerOf([one, other]);
    let asked = 0;
    other.around = () => Promise.reject(++asked === 1 ? silence : error);
    await scheduler.repair({ remote: "one" }, signal);
    await new Promise((go) => setImmediate(go));
    expect(asked).toBe(2);
    // Only the first forbids the others to sign, and for the second nobody waits again so soon.
    const again = scheduler.repair({ remote: "one" }, signal);
    if (error instanceof ConflictError) expect(await failure(again)).toBe(error);
    else expect(await again).toHaveLength(1);
    expect(asked).toBe(error instanceof ConflictError ? 3 : 2);
  }
});
