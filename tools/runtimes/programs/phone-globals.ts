// The classes that React Native has in the place of the browser's: signals without `reason` and `throwIfAborted`.

// @ts-expect-error: that file of the package has no types
import { AbortController, AbortSignal } from "abort-controller/dist/abort-controller";

Object.assign(globalThis, { AbortController, AbortSignal });
