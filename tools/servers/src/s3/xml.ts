// Writes the XML of S3.

/** An element: its name, and its text or the elements inside it. */
export type XmlElement = readonly [name: string, content: string | readonly XmlElement[]];

/** The namespace of S3's documents. */
export const S3_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";

/** Writes an XML document in UTF-8. */
export function writeXml(root: XmlElement, namespace?: string): Uint8Array {
  const attribute = namespace === undefined ? "" : ` xmlns="${namespace}"`;
  return new TextEncoder().encode(`<?xml version="1.0" encoding="UTF-8"?>\n${writeElement(root, attribute)}`);
}

function writeElement([name, content]: XmlElement, attribute = ""): string {
  const inner =
    typeof content === "string" ? escapeText(content) : content.map((child) => writeElement(child)).join("");
  return `<${name}${attribute}>${inner}</${name}>`;
}

function escapeText(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("\r", "&#13;");
}
