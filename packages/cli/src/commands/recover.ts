import { counted } from "../plural.ts";
import type { Session } from "../session.ts";
import { type WriterCommandOptions, withWriter } from "../with-writer.ts";

/** Takes over what the remotes know of this log and the journal does not. */
export async function recover(session: Session, options: WriterCommandOptions): Promise<void> {
  await withWriter(session, options, async (writer) => {
    const { recovered, appendedAnew, size } = await writer.recover({ signal: session.signal });
    if (recovered + appendedAnew === 0) {
      await session.note(
        `Nothing to take over: this device has all that the remotes show, ${entries(size)}.`,
      );
      return;
    }
    await session.note(
      `Took over ${entries(recovered)} from the remotes, and put ${entries(appendedAnew)} of this device behind them. ` +
        `The log has ${entries(size)}.`,
    );
  });
}

const entries = (count: number): string => counted(count, "entry", "entries");
