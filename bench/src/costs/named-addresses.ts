/** The lengths of the wire format's own fields, read without the code under test: the count must not depend on it. */
interface Field {
  readonly number: number;
  readonly value: Uint8Array;
}

/** First byte of a binary address: the version of the CID. No pair begins so: it would be field 0. */
const ADDRESS_VERSION = 1;

/**
 * The addresses that a head, an index node or a page names, as keys (see {@link keyOf}).
 *
 * Both `tail`s are left out: what counts is which read the index makes possible, and a page's tail is for readers
 * of the plain standard.
 */
export function namedAddresses(object: Uint8Array): string[] {
  const named: string[] = [];
  for (const { number, value } of fieldsOf(object)) {
    if (number === 1) named.push(...namedByElement(value));
    else if (number === 3) named.push(...namedByBundle(value));
    else if (number === 102) named.push(...namedByLevel(value));
    else if (number === 103 || number === 105 || number === 111) named.push(keyOf(value));
  }
  return named;
}

/** Those of them that are contents of entries, which name nothing. */
export function namedContents(object: Uint8Array): string[] {
  return fieldsOf(object).flatMap(({ number, value }) => {
    if (number === 111) return [keyOf(value)];
    return number === 1 && value[0] !== ADDRESS_VERSION ? namedByElement(value) : [];
  });
}

/** A binary address as a key of a map. */
export function keyOf(address: Uint8Array): string {
  return Buffer.from(address.buffer, address.byteOffset, address.length).toString("latin1");
}

/** An element of field 1: an address in an index node; in a page or head a pair, whose field 1 is an address. */
function namedByElement(element: Uint8Array): string[] {
  if (element[0] === ADDRESS_VERSION) return [keyOf(element)];
  return fieldsOf(element).flatMap(({ number, value }) => (number === 1 ? [keyOf(value)] : []));
}

/** A level of a head: its node, and the refs that the head carries itself. */
function namedByLevel(level: Uint8Array): string[] {
  return fieldsOf(level).flatMap(({ number, value }) => (number === 1 || number === 3 ? [keyOf(value)] : []));
}

/** A bundle in an index node. */
function namedByBundle(bundle: Uint8Array): string[] {
  return fieldsOf(bundle).flatMap(({ number, value }) => (number === 2 ? [keyOf(value)] : []));
}

/** The length-delimited fields of a Protocol Buffers message. Numbers are passed over: they name nothing. */
function fieldsOf(message: Uint8Array): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = message[at++]!;
      value += (byte & 0x7f) * shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const length = varint();
    if (tag % 8 === 0) continue;
    if (tag % 8 !== 2) throw new Error(`A field of wire type ${tag % 8} is in an object of the log.`);
    fields.push({ number: Math.floor(tag / 8), value: message.subarray(at, at + length) });
    at += length;
  }
  return fields;
}
