/** What `rlog --help` says below the list of commands. */
export const programHelp = `
Exit codes:
  0  done
  1  failed
  2  the command was used in a wrong way
  3  verification failed: forged, corrupt, rolled back or forked; nothing of it was delivered
  4  not there, not reachable, or not new enough yet: try again later
  5  rlog doctor found something that needs care
  130, 143  ended by SIGINT, SIGTERM

Folders:
  A writer keeps its seed, journal and settings in --dir (RLOG_DIR, ./.rlog). The seed is the log's only key.
  A reader keeps the newest state that it verified, and its cursors, in a folder for each log below --state
  (RLOG_STATE, $XDG_STATE_HOME/rlog, ~/.local/state/rlog).

Remotes are URIs. Several remotes may hold one log; readers take the newest state that they can verify.
  file:///srv/my%20log                     a folder of this machine
  s3://bucket/prefix?region=eu-west-1      an S3 bucket, with the credentials of the AWS tools (AWS_ACCESS_KEY_ID and
                                           AWS_SECRET_ACCESS_KEY, ~/.aws); &endpoint=URL for services that speak S3
  https://bucket.s3.amazonaws.com/prefix   a public bucket or a CDN before it: reading alone, without credentials
  ipfs+http://127.0.0.1:5001               an IPFS node, by its RPC; for reading, with ?name=k51…
  ipns://k51…?gateway=https://HOST         an IPNS name: reading alone, through gateways (without one: IPFS_GATEWAY,
                                           http://127.0.0.1:8080); https://HOST/ipns/k51… is the same
  bee+http://127.0.0.1:1633?stamp=BATCH    a Bee node on Swarm, and the postage batch that pays; for reading, with ?owner=…
  swarm://OWNER/TOPIC?gateway=https://HOST a feed on Swarm: reading alone, through a gateway or any Bee node (without one:
                                           SWARM_GATEWAY, http://127.0.0.1:1633)

Links say all that a reader needs: rlog:LOG_ID?remote=URI&floor=SIZE:ROOT. Quote them: they hold ? and &.

Example:
  rlog init --remote file:///srv/log
  echo hello | rlog append --publish
  rlog read "$(rlog link)"
`;

const examples: Record<string, readonly string[]> = {
  init: [
    "rlog init --remote file:///srv/log",
    "rlog init --dir ~/diary --remote attic=file:///mnt/attic/diary",
    "rlog init --remote 's3://my-bucket/diary?region=eu-west-1'",
    "rlog init --remote ipfs+http://127.0.0.1:5001",
    "rlog init --remote 'bee+http://127.0.0.1:1633?stamp=BATCH'",
  ],
  append: [
    "rlog append 'first entry' 'second entry'",
    "rlog append -- -1",
    "rlog append --file access.log --publish",
    "tail -f access.log | rlog append --ack",
    "rlog append --whole --file photo.jpg",
  ],
  publish: ["rlog publish", "rlog publish --dir ~/diary"],
  status: ["rlog status", "rlog status --json"],
  link: ["rlog link", 'rlog read "$(rlog link --dir ~/diary)"'],
  doctor: [
    "rlog doctor",
    'rlog doctor "$LINK" --json',
    "rlog doctor LOG_ID --remote 'bee+http://127.0.0.1:1633?stamp=BATCH&owner=OWNER'",
  ],
  recover: ["rlog recover"],
  read: [
    'rlog read "$LINK"',
    "rlog read LOG_ID --remote file:///srv/log",
    "rlog read LOG_ID --remote file:///srv/log --from 100 --json",
  ],
  latest: [
    "rlog latest LOG_ID --remote file:///srv/log",
    "rlog latest LOG_ID 16 --remote file:///srv/log --stats",
  ],
  follow: [
    "rlog follow LOG_ID --remote file:///srv/log --poll 1",
    "rlog follow LOG_ID --remote file:///srv/log --cursor backup --json",
  ],
  mirror: [
    'rlog mirror "$LINK" --to file:///mnt/attic/log',
    "rlog mirror LOG_ID --remote file:///srv/log --to s3://my-bucket/copy?region=eu-west-1 --follow",
    'rlog mirror "$LINK" --to ipfs+http://127.0.0.1:5001 --follow',
  ],
  keep: [
    'rlog keep "$LINK" --node http://127.0.0.1:5001',
    "rlog keep 'ipns://k51…?node=http://127.0.0.1:5001' --once",
  ],
  verify: ["rlog verify LOG_ID --remote file:///srv/log"],
  proof: ["rlog proof LOG_ID --remote file:///srv/log --entry 7 --since 5 --out proofs"],
  "verify-fork": ["rlog verify-fork fork-LOG_ID.json"],
};

const details: Record<string, string> = {
  init: `
Without --remote the log stays on this device; remotes can be added to config.json later. A label is what this log calls
a remote for good. Page size and identifiers are fixed for the life of the log.
`,
  publish: `
Entries that a remote has already are not sent again. After a failure, call it again: nothing is published twice.
`,
  status: `
stored: the remote holds the entries. published: readers find them. confirmed: they were read back. No remote is asked.
`,
  append: `
Each line is one entry: its bytes as they are, without the line ending (LF or CRLF). Empty lines are entries, and so
is a last line without an ending. An entry is durable on this device before it is counted or acknowledged. A text that
begins with a hyphen goes after --.
`,
  follow: `
Without --cursor it begins with entry --from. A cursor keeps its place in the reader's state: an entry counts as
delivered once it was written out; after a crash the last ones may come again, and none is left out.
`,
  verify: `
Each remote is read by itself, to the end. The root is computed anew from every entry, and held against what the
writer signed. The first fault ends it.
`,
  proof: `
Writes checkpoint (a C2SP signed note), key.vkey (its verifier key), entry-N.tlog-proof (a C2SP tlog-proof),
entry-N.leaf (the 64 bytes that are hashed as the leaf) and, with --since M, M-SIZE.consistency.
`,
  doctor: `
Asks each remote for the newest state, reads the first and the newest entry, and asks the service how long it keeps them:
of a Bee node the postage batch, of an IPNS name its record. Changes nothing. Ends with 5 where something needs care: a
line for cron, since a log on Swarm is lost when nobody tops up its batch.
`,
  link: `
Names the log, the remotes of config.json as readers reach them, and the newest published state as the least that new
readers accept. With the variables IPFS_GATEWAY and SWARM_GATEWAY it names those gateways for readers of IPFS and Swarm; the
writer's own node is never named.
`,
  mirror: `
Copies what the newest state needs, object by object and verified, and then sets the name; the signed head is the
writer's. How far it came is kept in the reader's state, so that the next run copies what is new. To an IPFS node it
also carries the record of the log's IPNS name, unchanged. To a Bee node it stores the contents with a postage batch of
your own; a name on Swarm is set by the log's writer alone. --stats counts what is read, and not what is stored.
`,
  keep: `
Networks forget an IPNS name after two days. This reads its record and publishes it again, unchanged, through a node,
until the record expires: then only the writer can publish a new one.
`,
  recover: `
For a journal that was restored from a backup, or lost. Make sure first that no other device writes this log.
`,
};

/** What `rlog COMMAND --help` says below the options. */
export function commandHelp(name: string): string {
  const lines = (examples[name] ?? []).map((line) => `  ${line}`).join("\n");
  return `${details[name] ?? ""}\nExamples:\n${lines}\n`;
}
