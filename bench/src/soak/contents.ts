/** The content of an entry: its number, and as many letters as one in a chat has. */
export function textOf(sequence: number): string {
  return `${sequence} ${"x".repeat(20 + ((sequence * 7919) % 400))}`;
}
