// The entry `@remote-log/simulator`.

export { type Seeded, seeded } from "./clock/seeded.ts";
export { Trace } from "./clock/trace.ts";
export { VirtualClock } from "./clock/virtual-clock.ts";
