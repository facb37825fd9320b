// NS-WATCH: what `watch` promises, if it is declared.

import { check, checkError, equal, outcomeOf, rejectsAs, rejectsWith } from "../../assert.ts";
import type { CaseContext, ConformanceCase } from "../../case.ts";

/** What `watch` promises, if it is declared. */
export const watchCases: readonly ConformanceCase[] = [
  {
    id: "NS-WATCH-01",
    level: "MUST",
    title: "a watch wakes up when its name changes, again and again",
    requires: ["names", "names.watch"],
    async run(context) {
      const watching = watch(context);
      await changeUntilWoken(context, watching);
      await changeUntilWoken(context, watching);
      await watching.iterator.return?.();
    },
  },
  {
    id: "NS-WATCH-02",
    level: "MUST",
    title: "an abort ends a watch that waits, with the signal's own reason",
    requires: ["names", "names.watch"],
    async run(context) {
      const controller = new AbortController();
      const reason = new Error("gave up");
      const { iterator } = watch(context, controller.signal);
      const ending = drain(iterator);
      ending.catch(() => undefined); // Awaited below; until then a failure must not count as unhandled.
      await pause(20);
      controller.abort(reason);
      await rejectsAs(ending, reason, "the watch");
    },
  },
  {
    id: "NS-WATCH-03",
    level: "MUST",
    title: "an aborted signal ends a watch at once, with its own reason",
    requires: ["names", "names.watch"],
    async run(context) {
      const reason = new Error("gave up");
      const { iterator } = watch(context, AbortSignal.abort(reason));
      await rejectsAs(iterator.next(), reason, "the watch");
    },
  },
  {
    id: "NS-WATCH-04",
    level: "MUST",
    title: "closing the resolver ends a watch that waits with ERR_CLOSED, and a later one too",
    requires: ["names", "names.watch", "names.close"],
    async run(context) {
      const ending = outcomeOf(drain(watch(context).iterator));
      await pause(20);
      await context.names.close?.();
      const outcome = await ending;
      if (outcome.status === "rejected") checkError(outcome.reason, "ERR_CLOSED", "the watch");
      await rejectsWith(drain(watch(context).iterator), "ERR_CLOSED", "a watch after close");
    },
  },
  {
    id: "NS-WATCH-05",
    level: "MUST",
    title: "two watches of one name both wake up, and one that its caller leaves does not end the other",
    requires: ["names", "names.watch"],
    async run(context) {
      const first = watch(context);
      const iterator = context.names.watch!(first.name)[Symbol.asyncIterator]();
      const waking = outcomeOf(iterator.next());
      await changeUntilWoken(context, first);
      const woken = await waking;
      check(woken.status === "fulfilled" && woken.value.done !== true, "the second watch ended");
      await first.iterator.return?.();
      await changeUntilWoken(context, { ...first, iterator });
      await iterator.return?.();
    },
  },
  {
    id: "NS-WATCH-06",
    level: "MUST",
    title: "a change while the caller of a watch is busy, with none after it, is not missed",
    requires: ["names", "names.watch"],
    async run(context) {
      const watching = watch(context);
      await changeUntilWoken(context, watching);
      for (let i = 0; i < 3; i++) {
        await change(context, watching);
        await pause(20);
        const { done } = await watching.iterator.next();
        equal(done === true, false, "whether the watch is over");
      }
      await watching.iterator.return?.();
    },
  },
  {
    id: "NS-WATCH-07",
    level: "MUST",
    title: "a watch wakes up when another instance changes its name",
    requires: ["names", "names.watch", "reopen"],
    async run(context) {
      const { names } = await context.reopen();
      const watching = watch(context);
      await changeUntilWoken({ ...context, names }, watching);
      await changeUntilWoken({ ...context, names }, watching);
      await watching.iterator.return?.();
    },
  },
];

type Changing = Pick<CaseContext, "names" | "content">;

interface Watching {
  readonly name: string;
  readonly revision: { current: string | null };
  readonly iterator: AsyncIterator<void>;
}

function watch({ names, name }: CaseContext, signal?: AbortSignal): Watching {
  const chosen = name();
  const iterator = names.watch!(chosen, signal === undefined ? {} : { signal })[Symbol.asyncIterator]();
  return { name: chosen, revision: { current: null }, iterator };
}

/** Changes the name until the watch wakes up: it may take a moment before it looks for the first time. */
async function changeUntilWoken({ names, content }: Changing, watching: Watching): Promise<void> {
  let woken = false;
  const waking = watching.iterator.next().then(({ done }) => {
    woken = true;
    equal(done === true, false, "whether the watch is over");
  });
  waking.catch(() => undefined); // Awaited below; until then a failure must not count as unhandled.
  await pause(20);
  while (!woken) {
    await change({ names, content }, watching);
    for (let i = 0; i < 20 && !woken; i++) await pause(10);
  }
  await waking;
}

async function change({ names, content }: Changing, { name, revision }: Watching): Promise<void> {
  revision.current = await names.update(name, content(20), { expected: revision.current });
}

async function drain(iterator: AsyncIterator<void>): Promise<void> {
  while (!(await iterator.next()).done);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
