// What a service says in the XML of an error (S3 API, "Error responses").

/** The text of an element; `undefined` if there is none. */
export function elementOf(xml: string, element: string): string | undefined {
  return new RegExp(`<${element}>([^<]*)</${element}>`).exec(xml)?.[1];
}

/** The first of some values that can be the name of a region. */
export function regionOf(...candidates: readonly unknown[]): string | undefined {
  return candidates.find((one): one is string => typeof one === "string" && /^[a-z0-9-]{1,40}$/.test(one));
}
