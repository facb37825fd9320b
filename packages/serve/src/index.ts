// The entry `@remote-log/serve`.

export type {
  Chore,
  LogLimits,
  LogServer,
  ServedLogOptions,
  ServeEvent,
  ServeOptions,
} from "./options.ts";
export { serve } from "./serve.ts";
