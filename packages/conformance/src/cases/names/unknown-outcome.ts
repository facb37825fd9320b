// NS-FAULT: updates of which nobody knows whether they were carried out, and what comes after a fault.

import { isRemoteLogError, type OperationOptions, type Revision } from "@remote-log/core";
import { check, equal, outcomeOf, sameBytes } from "../../assert.ts";
import type { CaseContext, ConformanceCase } from "../../case.ts";
import { holds } from "../holds.ts";
import { noSecrets } from "../no-secrets.ts";
import { verdictsAreTrue } from "../retry-verdicts.ts";
import { checkOneOf, during, type Operation, refused, startUnderFault, suffer } from "../under-fault.ts";
import { set } from "./refusals.ts";

/** What a resolver does if it can't know whether an update was carried out, and after a fault is over. */
export const nameOutcomeCases: readonly ConformanceCase[] = [
  {
    id: "NS-FAULT-13",
    level: "MUST",
    title:
      "after an update whose answer is lost the name holds the old or the new content, and can be updated",
    requires: ["names", "fault.reply-lost"],
    async run(context) {
      await forBoth(context, (operate) => during(context, "reply-lost", () => outcomeOf(operate())));
    },
  },
  {
    id: "NS-FAULT-14",
    level: "MUST",
    title: "an update of which one answer alone is lost never takes its own write for that of another",
    requires: ["names", "fault.reply-lost"],
    async run(context) {
      await forBoth(context, async (operate) => {
        const { ending } = await during(context, "reply-lost", () => startUnderFault(context, operate));
        return ending;
      });
    },
  },
  {
    id: "NS-FAULT-15",
    level: "MUST",
    title: "a resolve whose answer is lost is refused with ERR_UNREACHABLE, never with absent or unchanged",
    requires: ["names", "fault.reply-lost"],
    async run(context) {
      const { names } = context;
      const { chosen, expected } = await set(context);
      await refused(context, "reply-lost", "ERR_UNREACHABLE", [
        ["resolve", () => names.resolve(chosen)],
        ["resolve of what is known", () => names.resolve(chosen, { known: expected })],
      ]);
    },
  },
  {
    id: "NS-FAULT-16",
    level: "MUST",
    title: "once a fault is over the next operations succeed, however many met it",
    requires: ["names", "faults"],
    async run(context) {
      const { names, name, content, faults } = context;
      const { chosen, sent } = await set(context);
      for (const fault of faults.kinds) {
        await suffer(context, fault, [...everything(context, chosen), ...everything(context, chosen)]);
        await holds(context, chosen, sent);
        const [fresh, first, second] = [name(), content(20), content(30)];
        const expected = await names.update(fresh, first, { expected: null });
        await names.update(fresh, second, { expected });
        await holds(context, fresh, second);
      }
    },
  },
  {
    id: "NS-FAULT-17",
    level: "MUST",
    title: "no error holds a secret: not in its text, not in its causes, nor in what hangs on it",
    requires: ["names", "secrets"],
    async run(context) {
      const { names, content } = context;
      const { chosen } = await set(context);
      await noSecrets(context, everything(context, chosen), [
        ["update that conflicts", () => names.update(chosen, content(20), { expected: null })],
        ["resolve with maxBytes", () => names.resolve(chosen, { maxBytes: 1 })],
        ["resolve after close", async () => names.close?.().then(() => names.resolve(chosen))],
      ]);
    },
  },
  {
    id: "NS-FAULT-21",
    level: "MUST",
    title:
      "errors say truly whether to try again: unreachable may pass, denied and no room do not by themselves",
    requires: ["names", "faults"],
    async run(context) {
      const { names, name, content } = context;
      const { chosen } = await set(context);
      await verdictsAreTrue(
        context,
        [["resolve", () => names.resolve(chosen)]],
        [["update", () => names.update(name(), content(50), { expected: null })]],
      );
    },
  },
];

/** Every operation of a resolver, none of which changes the name that is given. */
export function everything({ names, name, content }: CaseContext, chosen: string): Operation[] {
  const update = (options?: OperationOptions): Promise<Revision> =>
    names.update(name(), content(50), { ...options, expected: null });
  return [
    ["update", update],
    ["resolve", (options) => names.resolve(chosen, options)],
  ];
}

/** Creates a name and updates one in a way whose outcome is unknown, and checks what they hold then. */
async function forBoth(
  context: CaseContext,
  operate: (update: () => Promise<Revision>) => Promise<PromiseSettledResult<Revision>>,
): Promise<void> {
  const { names, name, content } = context;
  // What an adapter does only once, such as probing its service, must not meet the fault in place of the update.
  const { chosen, sent, expected } = await set(context);
  const [fresh, created] = [name(), content(60)];
  await oldOrNew(
    context,
    fresh,
    undefined,
    created,
    await operate(() => names.update(fresh, created, { expected: null })),
  );
  const newer = content(60);
  await oldOrNew(
    context,
    chosen,
    sent,
    newer,
    await operate(() => names.update(chosen, newer, { expected })),
  );
}

async function oldOrNew(
  context: CaseContext,
  name: string,
  old: Uint8Array | undefined,
  sent: Uint8Array,
  update: PromiseSettledResult<Revision>,
): Promise<void> {
  const { names, content, settled } = context;
  if (update.status === "fulfilled") {
    equal(await holds(context, name, sent), update.value, "the revision of an update that succeeded");
  } else {
    checkOneOf(update.reason, ["ERR_UNREACHABLE", "ERR_TIMEOUT", "ERR_NAME_CONFLICT"], "update (reply-lost)");
  }
  const held = await settled("names", () => names.resolve(name));
  if (held.status === "absent") equal(old, undefined, "what the name held before");
  if (held.status === "found") {
    const isNew = old === undefined || held.content.length === sent.length;
    sameBytes(held.content, isNew ? sent : old, "the content afterwards");
    const refusedAsConflict =
      update.status === "rejected" &&
      isRemoteLogError(update.reason) &&
      update.reason.code === "ERR_NAME_CONFLICT";
    check(
      !(isNew && refusedAsConflict),
      "ERR_NAME_CONFLICT for an update that the name holds: it was our own",
    );
  }
  const later = content(70);
  // The revision is asked for anew each time: a service that lags may still show the old one.
  await settled("names", async () => {
    const now = await names.resolve(name);
    await names.update(name, later, { expected: now.status === "found" ? now.revision : null });
  });
  await holds(context, name, later);
}
