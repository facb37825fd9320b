// `rlog recover`: adopts what the remotes know and a restored journal does not.

import { counted } from "../terminal/counted.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { type WriterCommandOptions, withWriter } from "../writing/with-writer.ts";

/** Adds the entries to the journal that the remotes have and the journal lacks. */
export async function recover(invocation: Invocation, options: WriterCommandOptions): Promise<void> {
  await withWriter(invocation, options, async (writer) => {
    const { recovered, appendedAnew, size } = await writer.recover({ signal: invocation.signal });
    if (recovered + appendedAnew === 0) {
      await invocation.note(
        `Nothing to recover: this device has everything that the remotes show, ${entries(size)}.`,
      );
      return;
    }
    await invocation.note(
      `Recovered ${entries(recovered)} from the remotes, and appended ${entries(appendedAnew)} of this device after them. ` +
        `The log has ${entries(size)}.`,
    );
  });
}

const entries = (count: number): string => counted(count, "entry", "entries");
