/** A way in which logs are used, in one month of 30 days. */
export interface Use {
  readonly what: string;
  /** Logs that are written. */
  readonly writers: number;
  /** Entries that a writer appends a day. */
  readonly entriesADay: number;
  /** Bytes of each. */
  readonly payloadBytes: number;
  /** Entries that are published together. */
  readonly publishSize: number;
  /** Readers of each log. */
  readonly readers: number;
  /** How often a reader looks a day. */
  readonly looksADay: number;
  /** How it was reckoned, in words. */
  readonly assumed: string;
}

/** Four kinds of use. What an application really does differs: put its own figures here. */
export const uses: readonly Use[] = [
  {
    what: "a chat of 5",
    writers: 5,
    entriesADay: 40,
    payloadBytes: 200,
    publishSize: 1,
    readers: 4,
    looksADay: 4 * 60 * 4,
    assumed:
      "40 messages of 200 bytes a day each, published one by one; each looks at the others every 15 s, 4 hours a day",
  },
  {
    what: "notes of one person on 3 devices",
    writers: 3,
    entriesADay: 30,
    payloadBytes: 500,
    publishSize: 3,
    readers: 2,
    looksADay: 3 * 60,
    assumed:
      "30 edits of 500 bytes a day on each, published in threes; each looks at the others every minute, 3 hours a day",
  },
  {
    what: "a sensor every 10 s",
    writers: 1,
    entriesADay: 8640,
    payloadBytes: 64,
    publishSize: 30,
    readers: 2,
    looksADay: 288,
    assumed: "8,640 values of 64 bytes a day, published every 5 minutes; two readers look as often",
  },
  {
    what: "a public feed with 10,000 readers",
    writers: 1,
    entriesADay: 20,
    payloadBytes: 1000,
    publishSize: 1,
    readers: 10_000,
    looksADay: 32,
    assumed: "20 posts of 1,000 bytes a day; each reader looks every 15 minutes, 8 hours a day",
  },
];
