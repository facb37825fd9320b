// The text of `rlog COMMAND --help`: details and examples for each command.

const examples: Record<string, readonly string[]> = {
  init: [
    "rlog init --remote file:///srv/log",
    "rlog init --dir ~/diary --remote attic=file:///mnt/attic/diary",
    "rlog init --remote 's3://my-bucket/diary?region=eu-west-1'",
    "rlog init --remote ./backup",
    "rlog init --remote ipfs+http://127.0.0.1:5001",
    "rlog init --passphrase-file - --remote ./backup",
    "rlog init --rotate-read-key-after 30d --keep-newest 1000 --remote ./backup",
    "rlog init --recovery-words --remote ./backup",
    "rlog init --remote 'bee+http://127.0.0.1:1633?stamp=BATCH'",
  ],
  append: [
    "rlog append 'first entry' 'second entry'",
    "rlog append -- -1",
    "rlog append --file access.log --publish",
    "tail -f access.log | rlog append --publish --every 5s",
    "rlog append --wait 60 'from cron'",
    "rlog append --whole --file photo.jpg",
  ],
  publish: ["rlog publish", "rlog publish --dir ~/diary", "rlog publish --whole"],
  repair: ["rlog repair", "rlog repair --remote attic", "rlog repair --read"],
  remove: ["rlog remove 7", "rlog remove 3 7-12", "rlog remove 7 --now"],
  "keep-newest": ["rlog keep-newest 1000", "rlog keep-newest --older-than 30d"],
  settings: [
    "rlog settings",
    "rlog settings --rotate-read-key-after 30d",
    "rlog settings --keep-newest 1000 --keep-newest 30d",
    "rlog settings --rotate-read-key-after never --keep-newest all",
    "rlog settings --bundles off",
    "rlog settings --copies 2",
  ],
  status: ["rlog status", "rlog status --json"],
  remote: [
    "rlog remote add attic=/mnt/attic/log",
    "rlog remote add 's3://my-bucket/diary?region=eu-west-1'",
    "rlog remote list",
    "rlog remote remove attic --after 2",
  ],
  move: ["rlog move attic 's3://my-bucket/diary?region=eu-west-1'"],
  version: ["rlog version"],
  completion: ['eval "$(rlog completion bash)"', "rlog completion fish | source"],
  link: [
    "rlog link > bob.link",
    "rlog link --qr",
    "rlog link --offline",
    'rlog mirror "$(rlog link --no-key)" --to /mnt/attic/log',
  ],
  doctor: [
    "rlog doctor",
    "rlog doctor --whole",
    'rlog doctor "$LINK" --json',
    "rlog doctor LOG_ID --remote 'bee+http://127.0.0.1:1633?stamp=BATCH&owner=OWNER'",
  ],
  words: ["rlog words"],
  passphrase: [
    "rlog passphrase set",
    "rlog passphrase set --passphrase-file old.txt --new-passphrase-file env:NEW",
    "rlog passphrase remove --passphrase-file -",
  ],
  "rotate-key": [
    "rlog rotate-key",
    "rlog rotate-key --recovery-file -",
    "rlog rotate-key --recovery-file env:WORDS",
  ],
  grant: ["rlog grant age1…", "rlog grant --with-history age1… age1…"],
  revoke: ["rlog revoke age1…", "rlog revoke"],
  readers: ["rlog readers", "rlog readers --json"],
  "reader-key": ["rlog reader-key", "rlog reader-key bob.key", "rlog reader-key --post-quantum bob.key"],
  recover: ["rlog recover", "rlog recover --without attic", 'rlog recover "$LINK" --seed-file words.txt'],
  read: [
    "rlog read",
    'rlog read "$LINK"',
    "rlog read @bob.link",
    "rlog read @bob.link --identity ~/.config/rlog/reader-key",
    "rlog read LOG_ID --remote file:///srv/log",
    'rlog read "$LINK" --remote backup.car',
    "rlog read backup.car",
    "rlog read LOG_ID --remote file:///srv/log --from 100 --json",
  ],
  latest: [
    "rlog latest 5",
    "rlog latest LOG_ID --remote file:///srv/log",
    "rlog latest LOG_ID 16 --remote file:///srv/log --stats",
  ],
  follow: [
    "rlog follow --poll 1",
    "rlog follow LOG_ID --remote file:///srv/log --poll 1",
    "rlog follow LOG_ID --remote file:///srv/log --cursor backup --json",
  ],
  mirror: [
    'rlog mirror "$LINK" --to file:///mnt/attic/log',
    "rlog mirror LOG_ID --remote file:///srv/log --to s3://my-bucket/copy?region=eu-west-1 --follow",
    'rlog mirror "$LINK" --to static:public/log',
    'rlog mirror "$LINK" --to static:public/log --cosign mirror.key --cosign-name mirror.example/alice',
    'rlog mirror "$LINK" --to ipfs+http://127.0.0.1:5001 --follow',
  ],
  export: [
    "rlog export backup.car",
    'rlog export backup.car "$LINK"',
    'rlog export new.car "$LINK" --since backup.car',
    "rlog export part.car LOG_ID --remote file:///srv/log --from 1000 --until 2000",
  ],
  fsck: [
    "rlog fsck",
    "rlog fsck --repair --from backup.car",
    'rlog fsck "$LINK" --sample 100 --json',
    "rlog fsck LOG_ID --remote ./log --remote ./mirror --repair",
  ],
  import: [
    "rlog import backup.car --to ./log",
    'rlog import backup.car "$LINK" --to s3://my-bucket/log?region=eu-west-1',
  ],
  serve: [
    'rlog serve "$LINK" --folder mirror',
    "rlog serve --config serve.json --folder /srv/mirror --listen 0.0.0.0:8080 --cosign mirror.key",
  ],
  keep: [
    'rlog keep "$LINK" --node http://127.0.0.1:5001',
    "rlog keep 'ipns://k51…?node=http://127.0.0.1:5001' --once",
  ],
  verify: [
    "rlog verify LOG_ID --remote file:///srv/log",
    "rlog verify @bob.link --identity ~/.config/rlog/reader-key",
    'rlog verify "$LINK" --remote file:///mnt/attic/log --policy policy.txt',
  ],
  proof: ["rlog proof LOG_ID --remote file:///srv/log --entry 7 --since 5 --out proofs"],
  "verify-fork": ["rlog verify-fork fork-LOG_ID.json"],
};

const details: Record<string, string> = {
  init: `
Without --remote the log stays on this device; rlog remote add adds one later. The log is private: remotes get sealed entries, and
readers need the link with the key. --public lets everybody who reaches a remote read them. None of these settings can be changed
later, but what rlog settings shows: when the read key changes by itself, how much is kept, and whether older pages are stored together. A .gitignore keeps the seed out of repositories. With --seed-file, the log gets a seed that you bring along, instead of
a new one. If it has written this log before, use rlog recover: the remotes are asked before anything is appended.

With --recovery-words, the device gets a seed of its own, and the 24 words that are printed are kept apart, on paper. They are printed
once, and are not on the device. If the device is stolen, rlog rotate-key replaces the key of the log with them.

The seed is in the file seed of the folder, for its owner alone (mode 0600). With --passphrase-file, it is sealed as well (an age
file, which age -d opens): then every command that opens the log needs the passphrase, asks for it on a terminal, and takes a second
longer.
`,
  publish: `
What a remote already has is not sent again, also if an earlier publish was interrupted. Failures that may pass are
repeated for a while. After a failure, run it again: it continues there, and nothing is published twice. A remote that was
emptied or set back, or that is another place than before, gets back everything that it lacks. Only a folder that is gone
or empty is left alone (ERR_REMOTE_CHANGED): mount the drive, or run rlog repair.
`,
  repair: `
Looks for everything that the remotes should hold of this log, puts back what is missing, and publishes what is new. A
folder that is gone or empty is made anew: make sure first that it is not a drive that has to be mounted. If it is
interrupted, run it again: it continues there. Without --read it asks whether objects are there, and does not read them.
`,
  remove: `
For good: from the journal here, and from every remote. The numbers of the entries stay, and so do their hashes, so that all
others verify. Remotes get new pages at once; what they replace is deleted by the first publish after ten minutes, so that readers
on their way are not cut off, or at once with --now. What somebody has read or copied is not taken back, and not every network
forgets: it says for each remote what becomes of it. If it is interrupted, the next rlog publish finishes it.
`,
  "keep-newest": `
Removes the contents of all older entries as rlog remove does. With a number and an age, what fits either is kept. The age is
by the clock of this device; entries whose time is not known count as appended when it was first asked for. The newest
snapshot, and what follows it, is kept in any case.
`,
  settings: `
Without options, it shows the settings; with them, it changes these and leaves the others. They are in config.json of the folder.
A limit is a number of entries, or an age with its unit (90m, 12h, 30d, 2w); give the option twice for both.

--rotate-read-key-after changes the read key of a private log with the first append after that age or that number of entries,
whichever comes first. Readers by name get the new key; whoever has a link needs a new one. It changes 223 times at most, then no more.
--keep-newest removes the contents of older entries for good with each publish, as rlog keep-newest does once: what fits the number
or the age is kept, the newest snapshot and what follows it in any case, and for a while up to a sixteenth more.
--bundles says whether older pages are stored together, so that all of a long log is read with fewer requests: by this writer, or by
nobody (off). Pages that are stored stay as they are. default: as this version of rlog does it.
--copies says on how many of its remotes the log has to be to count as published: rlog publish succeeds then, tells which remote
failed, and sends it the rest the next time. all: on every one.
`,
  status: `
stored: the remote holds the entries. published: readers find them. confirmed: the name, and a sample of all that it leads
to, were read back. Makes no request: it shows how the last publish found the remotes, and what was asked of each so far, with
what that costs if there is a list price. rlog doctor looks at them now. It works while another process writes the log.
`,
  remote: `
A remote is a URI, or the path of a folder that begins with /, ./ or ../, with a label of your own in front, or a label that is
made for it. Put paths with spaces into quotes. To remove a remote deletes nothing there; the log forgets what it knows of it. With --after
N, it is removed only once N other remotes hold everything that is here: they are read whole for it.
A writer that is running uses the remotes that it began with.
`,
  completion: `
Put this into the file that your shell reads when it starts:
  bash  ~/.bashrc                      eval "$(rlog completion bash)"
  zsh   ~/.zshrc, after compinit       eval "$(rlog completion zsh)"
  fish  ~/.config/fish/config.fish     rlog completion fish | source
`,
  append: `
Each line is one entry: its bytes as they are, without the line ending (LF or CRLF). Empty lines are entries, and so
is a last line without a line ending. An entry is durable on this device before it is counted or acknowledged. Put texts
that start with a hyphen after --.

With --publish, what is durable is published while the input is open, too: every 10 seconds, or as often as --every says. If
a remote fails then, appending continues, and publishing is tried again. SIGINT and SIGTERM end the input: what came in before
is appended and acknowledged, and with --publish it is published if that takes no more than 10 seconds; a line that has not
ended yet is left out. The exit code is 130 or 143 then. A second signal ends the process at once; what was acknowledged is kept.

One process writes a log at a time. Others wait, first come, first served, and for 10 seconds unless --wait says otherwise.
`,
  follow: `
Without LOG, it writes what is appended here, published or not. Without --cursor it starts with entry --from. A cursor keeps its position in the reader's state: an entry counts as
delivered once it was written. After a crash the last entries may come again; none is left out. The first poll that fails is told on standard error, and so is
the first that succeeds after it.
`,
  read: `
Without LOG, it reads the log here from its journal, published or not, also while another process writes it. With LOG, it reads
from the remotes, and verifies every entry.
`,
  latest: `
Without LOG, it reads the log here from its journal, published or not.
`,
  verify: `
Reads each remote by itself, to the end. Computes the root again from every entry, and compares it with what the writer
signed. Ends at the first fault. With the key of a link, or with --identity, also opens every entry of a private log that the
writer has granted. With --policy, it also says which mirrors and witnesses have cosigned the newest state, and ends with 3 if the quorum
is missing. The file is a C2SP tlog-policy: lines log, witness (a mirror is one), group, and one quorum.
`,
  proof: `
Writes checkpoint (a C2SP signed note), key.vkey (its verifier key), entry-N.tlog-proof (a C2SP tlog-proof),
entry-N.leaf (the 64 bytes of the leaf before hashing) and, with --since M, M-SIZE.consistency.
`,
  doctor: `
Asks each remote for the newest state, reads its first and its newest entry, and asks the service how long it keeps them:
a Bee node about the postage batch, an IPNS name about its record. Changes nothing. Ends with 5 if something needs care.
Run it from cron: a log on Swarm is lost if nobody tops up its batch.
`,
  link: `
The link holds the log id, the remotes of config.json as readers reach them, the newest published state (new readers accept no
older one), and the key of a private log: whoever has the link can read the log, also what is published later. Others on this
machine can see a command line; a reader can give the link as @FILE, env:NAME or - instead. If the variables
IPFS_GATEWAY and SWARM_GATEWAY are set, it names these gateways for readers of IPFS and Swarm. It never names the writer's own node.
`,
  mirror: `
Copies and verifies everything that the newest state needs, and then sets the name. Each object comes from any source that can
show it, and nothing that the target has is lost. What no source shows is listed, and the command ends with 3 or 4. The
reader's state keeps how far it came, so the next run copies only what is new, and looks again for what was missing. To an IPFS node, it also carries the
record of the log's IPNS name, unchanged. To a Bee node, it stores the contents with a postage batch of your own; only the
log's writer can set its name on Swarm. With --bundles, readers of a long log need few requests, also if its writer stores all pages one
by one; not where the name belongs to a key. With --cosign, everything that was stored is read back from the target, and then the
checkpoint is signed: the file holds the key, and is made if it is missing; beside it a folder keeps what was signed, so that nothing that
contradicts it ever is. Not every name can show the signature: if it belongs to a key, use --checkpoint. --stats counts what is read, not what is stored.
`,
  export: `
The file holds everything that the newest state needs, each object as it is stored: a private log stays sealed, and no key is in it. The link and
the file are all that a reader needs, without any network: rlog read LINK --remote FILE. Without LOG, the file is made from the journal here, and has
also what was not published. --from and --until make a file with some entries, and the pages around them. With --since, the file has only what an
earlier one lacks. It is written beside its place and put there when it is whole. Other tools for CAR files (CARv1) read it: ipfs dag import.
`,
  fsck: `
Reads each remote by itself, from its head to the last content, and verifies all of it; rlog verify ends at the first fault, and this continues. It lists
what is missing or damaged, and which entries nobody can show. With --repair, each object is put back from whatever place has it, and read again; then the
journal makes up for the rest, if the log is written here, and brings remotes up to date. Of a log of others, a remote that is behind gets what the others show. Ends with 5 if
something is still missing, or was and --repair is not set, and with 3 if a remote shows what is forged or forked.
`,
  import: `
Verifies everything, and then sets the name, if it may be set there. What the remote has already may be missing in the file: import files that were made
with --since in their order. If something is missing in both, it says what, and leaves the name as it was. A remote that shows a newer
state keeps it. Without LOG, nobody but the file itself says which log it is: compare the id that is printed with --json, or give the link.
`,
  serve: `
Mirrors each log into a folder of its own, again and again, and serves it: at /logs/LOG_ID as a public bucket, which readers name as a remote
(https://HOST/logs/LOG_ID) and browsers read too; at /tlog/HASH as C2SP tlog-tiles, where HASH is the SHA-256 of the log's origin;
/metrics is for Prometheus, /healthz for whoever watches it. Publishes IPNS names again that a node of yours can publish, and asks services
how long they keep a log, as rlog doctor does. A log that is slow, endless or over its limits holds up no other. Put a server with TLS
before it. SIGTERM and SIGINT end it: answers that were begun are sent.

The file of --config holds the same settings, and logs: { "folder": "mirror", "listen": "0.0.0.0:8080", "maxBytes": 1000000000,
"logs": ["rlog:…", { "link": "rlog:…", "remotes": ["file:///srv/log"], "maxEntries": 1000 }] }
`,
  keep: `
The network forgets an IPNS name after two days. This command reads the record of the name and publishes it again,
unchanged, through a node, until the record expires. Then only the writer can publish a new one.
`,
  grant: `
Each reader makes a key with rlog reader-key, and sends you what it prints. The reader then reads with rlog read LINK --identity FILE,
where the link needs no key (rlog link --no-key). Without --with-history the read key of the log changes, so that what was appended
before stays closed to the new readers; name several at once. How many readers there are does not show to storage.
`,
  revoke: `
The read key changes with the next entry, and only those who are still named get the new one. A link with a key opens nothing new
either: give new ones to those who may continue to read. What somebody could read before stays readable, for nobody can take back what
was read. The key can change 255 times.
`,
  readers: `
The list is in the journal of this device. A log that came back from its seed alone has all of its keys and no names.
`,
  "reader-key": `
Without FILE, the key is kept in rlog/reader-key below $XDG_CONFIG_HOME, or below ~/.config, for its owner alone (mode 0600). If the
file is there already, it is left alone. It is an age identity: age-keygen makes the same. What is printed is no secret. A writer
names the reader with it (rlog grant), and rlog read --identity FILE then reads without any link that holds a key.
`,
  words: `
Whoever has the words can read and write the log, so write them on paper, and nowhere else. They bring the log back on another
device: rlog recover LINK --seed-file - takes them on standard input, upper case and line breaks as they come.
`,
  passphrase: `
set seals the seed that is in the folder, or changes its passphrase; remove keeps it without one. The file is for its owner alone (mode
0600), and is replaced whole: whatever cuts the command, the seed is there as before or as it is to be. What is sealed was opened
again first. Backups and copies from before stay as they are. --passphrase-file is the passphrase that the seed has now.
`,
  "rotate-key": `
For a log that was begun with rlog init --recovery-words, if its device or its seed may be in other hands. The recovery words come from a
file, a variable or standard input, or are asked for on a terminal. What this device has of the log stays; whatever else somebody signed
with the former key is no part of it any more, and readers keep the proof of it. In a private log, the read key changes as well, and
links have to be given anew; the new one is printed. If the command is cut, the same command finishes it. If the device itself is gone, run
rlog recover LINK --seed-file - with the recovery words on another one, and this command there.
`,
  recover: `
For a journal that was restored from a backup, is damaged, or is gone. First make sure that no other device writes this log.
The seed and config.json are enough, and so is the seed with the link of the log: then give the link, and check the remotes in
config.json afterwards. With --seed-file, the seed comes from a file, as digits or as the words of rlog words; or the recovery words of
the log do, of which the device then keeps only what it needs to sign. These also renew the seed of a folder whose key was replaced
elsewhere (ERR_SUPERSEDED): then leave LOG out. If entries were acknowledged that nobody has any more, it says which, and changes nothing. With
--accept-loss it continues without them, unless readers may have seen them. Every remote has to answer; one that is gone is left out with --without. If
that one alone shows newer entries, the log forks: leave out only what does not come back.
`,
};

/** The text of `rlog COMMAND --help` below the options. */
export function commandHelp(name: string): string {
  const lines = (examples[name] ?? []).map((line) => `  ${line}`).join("\n");
  return `${details[name] ?? ""}\nExamples:\n${lines}\n`;
}
