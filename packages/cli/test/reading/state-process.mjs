// A process that has the state of rlog in a folder open, and does with it what it is told.

import { ReaderState } from "../../dist/reading/reader-state.js";

const state = await ReaderState.open(process.argv[2], new AbortController().signal);

process.on("message", ({ id, method, words }) => {
  state[method](...words).then(
    (value) => process.send({ id, value }),
    (error) => process.send({ id, error: String(error) }),
  );
});
process.send({ id: 0 });
