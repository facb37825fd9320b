// What the tests of every package share, and what runs under any test runner. What ends by itself with a test file is in
// the entry point `./vitest`.

export { bytes, randomBytes } from "./bytes.ts";
export { closedUrl } from "./closed-url.ts";
export { cpuMilliseconds } from "./cpu.ts";
export { tick, unhandledDuring } from "./event-loop.ts";
export { failure } from "./failure.ts";
export {
  type ForwardProxy,
  type ProxiedRequest,
  type ProxyConduct,
  startForwardProxy,
} from "./forward-proxy.ts";
export { Gauge } from "./gauge.ts";
export { type HostileAnswer, hostileAnswers } from "./hostile/answers.ts";
export { type HonestAnswer, type HostileServer, startHostileServer } from "./hostile/hostile-server.ts";
export { type HostileReport, type HostileTableOptions, runHostileTable } from "./hostile/hostile-table.ts";
export { type Exchange, type RecordingProxy, startRecordingProxy } from "./recording-proxy.ts";
export {
  answer,
  begun,
  cut,
  drip,
  endless,
  type ForwardedReply,
  NEVER,
  type Reply,
  type ReplyBody,
  redirect,
} from "./reply.ts";
export { runs, sample, testSeed, whole } from "./sample.ts";
export {
  type ReceivedRequest,
  type Script,
  type ScriptedServer,
  type ScriptedServerOptions,
  startScriptedServer,
} from "./scripted-server.ts";
export { strictTypeErrors } from "./strict-types.ts";
export { type TestCertificate, testAuthority, testCertificates } from "./tls/certificates.ts";
export { type SecureServer, startSecureServer } from "./tls/secure-server.ts";
export { type UntilOptions, until } from "./until.ts";
export { wholeSuite } from "./whole-suite.ts";
export { wrongTypeProblems } from "./wrong-types.ts";
