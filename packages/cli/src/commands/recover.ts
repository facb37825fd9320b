import type { Invocation } from "../invocation.ts";
import { counted } from "../plural.ts";
import { type WriterCommandOptions, withWriter } from "../with-writer.ts";

/** Takes over what the remotes know of this log and the journal does not. */
export async function recover(invocation: Invocation, options: WriterCommandOptions): Promise<void> {
  await withWriter(invocation, options, async (writer) => {
    const { recovered, appendedAnew, size } = await writer.recover({ signal: invocation.signal });
    if (recovered + appendedAnew === 0) {
      await invocation.note(
        `Nothing to take over: this device has all that the remotes show, ${entries(size)}.`,
      );
      return;
    }
    await invocation.note(
      `Took over ${entries(recovered)} from the remotes, and put ${entries(appendedAnew)} of this device behind them. ` +
        `The log has ${entries(size)}.`,
    );
  });
}

const entries = (count: number): string => counted(count, "entry", "entries");
