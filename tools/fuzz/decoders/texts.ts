// Texts: notes, checkpoints, proofs, base64, links, and texts of services.

import { cleanText } from "../../../packages/core/src/adapter/clean-text.ts";
import { decodeBase64, encodeBase64 } from "../../../packages/core/src/checkpoint/base64.ts";
import {
  formatCheckpoint,
  formatConsistencyProof,
  formatInclusionProof,
  formatSignedNote,
  parseCheckpoint,
  parseConsistencyProof,
  parseInclusionProof,
  parseSignedNote,
} from "../../../packages/core/src/checkpoint/index.ts";
import { formatLink, parseLink } from "../../../packages/core/src/link/link.ts";
import { type Decoder, MALFORMED, printed, promise, UNUSABLE } from "../decoder.ts";
import { mostly } from "../mutate/bytes.ts";
import { mutateText, textIn } from "../mutate/text.ts";

/** Parses the same from bytes and from text, and writes exactly what it has read. */
function hasOneForm<T>(
  input: Uint8Array,
  parse: (source: string | Uint8Array) => T,
  format: (value: T) => string,
): void {
  const value = parse(input);
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(input);
  promise(format(value) === text, "a text has two forms");
  promise(printed(parse(text)) === printed(value), "a text means something else in bytes than as a string");
}

/** Decoders of texts. */
export const texts: readonly Decoder[] = [
  {
    name: "signed-note",
    share: 16,
    mutate: mostly(mutateText),
    refusals: MALFORMED,
    check: (input) => hasOneForm(input, parseSignedNote, formatSignedNote),
  },
  {
    name: "checkpoint",
    share: 16,
    mutate: mostly(mutateText),
    refusals: MALFORMED,
    check: (input) => {
      const text = textIn(input);
      const checkpoint = parseCheckpoint(text);
      promise(formatCheckpoint(checkpoint) === text, "a checkpoint has two forms");
    },
  },
  {
    name: "inclusion-proof",
    share: 16,
    mutate: mostly(mutateText),
    refusals: MALFORMED,
    check: (input) => hasOneForm(input, parseInclusionProof, formatInclusionProof),
  },
  {
    name: "consistency-proof",
    share: 16,
    mutate: mostly(mutateText),
    refusals: MALFORMED,
    check: (input) => hasOneForm(input, parseConsistencyProof, formatConsistencyProof),
  },
  {
    name: "base64",
    share: 16,
    mutate: mostly(mutateText),
    refusals: [],
    check: (input) => {
      const text = textIn(input);
      const bytes = decodeBase64(text);
      promise(bytes === undefined || encodeBase64(bytes) === text, "bytes have two forms in base64");
    },
  },
  {
    name: "link",
    share: 16,
    mutate: mostly(mutateText),
    refusals: UNUSABLE,
    check: (input) => {
      const link = parseLink(textIn(input));
      const again = parseLink(formatLink(link));
      promise(printed(again) === printed(link), "a link that was written again leads elsewhere");
      for (const uri of link.remotes) {
        promise(!/^[^:]+:\/\/[^/?#]*@/.test(uri), "a link holds a user name");
        promise(!/[\p{C}\s\\]/u.test(uri), "a link holds a character that URL parsers drop or change");
      }
    },
  },
  {
    name: "clean-text",
    share: 8,
    mutate: mostly(mutateText),
    refusals: [],
    check: (input) => {
      const clean = cleanText(textIn(input));
      promise(clean.length <= 300, "a text for a message is too long");
      promise(!/\p{C}/u.test(clean), "a text for a message has a control character");
    },
  },
];
