// Lines for the person who waits for a server.

/** Takes one line for the person who started this, without a line end. */
export type Notice = (line: string) => void;

/** Writes a line to standard error: test runners that hold back output still show that. */
export const noticeOnStderr: Notice = (line) => {
  process.stderr.write(`${line}\n`);
};
