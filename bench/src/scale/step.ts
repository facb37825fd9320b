// One step of bench:scale: the program of a process that `measureApart` starts.

import { once } from "node:events";
import type { Job } from "./apart.ts";
import { look } from "./look.ts";
import { read } from "./read.ts";
import { write } from "./write.ts";

const [job] = (await once(process, "message")) as [Job];
const steps = { write, read, look };
process.send!(await steps[job.step](job));
process.disconnect();
