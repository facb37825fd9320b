// The second reader: reads and verifies logs as docs/protocol.md says, with no code of the packages.

export { checkContent, decodeAddress, folderDigest } from "./address.mjs";
export { openFolder } from "./folder.mjs";
export { verifyForkEvidence } from "./fork.mjs";
export { decodeName, verifyBundle, verifyHead, verifyNode, verifyPage } from "./head.mjs";
export { decodeLink } from "./link.mjs";
export { decodeManifest } from "./manifest.mjs";
export {
  decodeBundleMessage,
  decodeGenesis,
  decodeIndexNode,
  decodeRemoteLog,
  levelOf,
  pairsOf,
  pairsOfBundle,
} from "./messages.mjs";
export { mvdsId } from "./mvds.mjs";
export { decodeNote, verifyCheckpoint } from "./note.mjs";
export { readLog } from "./read-log.mjs";
export { Refused } from "./refused.mjs";
export { openEntry } from "./sealing.mjs";
export { hchacha20, open } from "./xchacha.mjs";
