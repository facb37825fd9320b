// A remote that lies on purpose, and its lies.

export type {
  GetCall,
  HasCall,
  HonestAnswer,
  LiarCall,
  LiarHistory,
  Lie,
  PastUpdate,
  PutCall,
  PutManyCall,
  ResolveCall,
  UpdateCall,
} from "./lie.ts";
export * as lies from "./lies/index.ts";
export { type LyingRemote, lyingRemote } from "./lying-remote.ts";
