// The entry of the scan: whether anything of a secret is in what a service was sent, keeps or logs.

export { findLeaks, type Leak, type Secret, type Trace } from "./find-leaks.ts";
export type { LeakForm } from "./forms.ts";
