// The text of `rlog --help`. `command-help.ts` has the text for each command.

/** The text of `rlog --help` below the list of commands. */
export const programHelp = `
Exit codes:
  0  done
  1  failed
  2  wrong usage
  3  verification failed: forged, corrupt, rolled back or forked; none of it was delivered
  4  not there, not reachable, or not new enough yet: try again later
  5  rlog doctor or rlog fsck found something that needs care
  130, 143  ended by SIGINT, SIGTERM; what rlog append acknowledged is in the log

Folders:
  A writer keeps its seed, journal and settings in --dir (RLOG_DIR, ./.rlog). The seed is the log's only key.
  A reader keeps the newest state that it verified, and its cursors, in one folder per log under --state
  (RLOG_STATE, $XDG_STATE_HOME/rlog, ~/.local/state/rlog).

Remotes are URIs, or paths of folders that begin with /, ./ or ../. Several remotes may hold one log; readers use the newest state that they can verify.
  file:///srv/my%20log                     a folder of this machine
  /media/stick/log.car                     a log in one file, to read (rlog export writes one)
  static:public/log                        a folder that a web server serves, to write
  s3://bucket/prefix?region=eu-west-1      an S3 bucket, with the credentials of the AWS tools (AWS_ACCESS_KEY_ID and
                                           AWS_SECRET_ACCESS_KEY, ~/.aws); &endpoint=URL for services that speak S3
  https://bucket.s3.amazonaws.com/prefix   a public bucket or a CDN in front of it: only for reading, without credentials
  ipfs+http://127.0.0.1:5001               the RPC of an IPFS node; for reading, with ?name=k51…
  ipns://k51…?gateway=https://HOST         an IPNS name: only for reading, through gateways (default: IPFS_GATEWAY,
                                           http://127.0.0.1:8080); https://HOST/ipns/k51… is the same
  bee+http://127.0.0.1:1633?stamp=BATCH    a Bee node on Swarm, and the postage batch that pays; for reading, with ?owner=…
  swarm://OWNER/TOPIC?gateway=https://HOST a feed on Swarm: only for reading, through a gateway or any Bee node (default:
                                           SWARM_GATEWAY, http://127.0.0.1:1633)

A link holds all that a reader needs: rlog:LOG_ID?remote=URI&floor=SIZE:ROOT#KEY. Quote links: they contain ? and &.
Anybody can write a link. What it names is read without your credentials, at public places and in folders that are no part of
the system. --trust ORIGIN (RLOG_TRUST, several separated by commas) allows another place by name, such as
http://127.0.0.1:9000, s3://bucket, or the URI of a remote: it is then used like your own.

Proxies: HTTP_PROXY, HTTPS_PROXY and NO_PROXY, in capitals or small letters, hold for remotes of every kind.

Example:
  rlog init --remote file:///srv/log
  echo hello | rlog append --publish
  rlog read "$(rlog link)"
`;
