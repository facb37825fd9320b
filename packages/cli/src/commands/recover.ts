import type { Session } from "../session.ts";
import { type WriterCommandOptions, withWriter } from "../with-writer.ts";

/** Takes over what the remotes know of this log and the journal does not. */
export async function recover(session: Session, options: WriterCommandOptions): Promise<void> {
  await withWriter(session, options, async (writer) => {
    const { recovered, appendedAnew, size } = await writer.recover({ signal: session.signal });
    await session.note(
      `Took over ${recovered} entries from the remotes; ${appendedAnew} of this device stand behind them now. The log has ${size}.`,
    );
  });
}
