// Files of tests that take long: most of them start many processes. `pnpm test` runs one file of each group, drawn by
// the seed of the run; CI and TEST_WHOLE=1 run all of them. The files of a group cost about the same, so that every run
// takes about the same time.

/** Files that take long, by what they cost. Every group has at least one file that Node alone can run. */
export const longFiles = [
  ["examples/test/demo.test.ts", "docs/test/code-blocks.test.ts", "docs/test/write-an-adapter.test.ts"],
  [
    "packages/create-adapter/test/standalone.test.ts",
    "tools/matrix/test/matrix.test.ts",
    "packages/core/test/costs/costs.test.ts",
  ],
  [
    "packages/cli/test/commands/rotate-key.test.ts",
    "packages/cli/test/commands/repair.test.ts",
    "packages/cli/test/commands/doctor.test.ts",
  ],
  [
    "packages/cli/test/commands/private.test.ts",
    "packages/cli/test/writing/damaged-journal.test.ts",
    "packages/cli/test/program/usage.test.ts",
  ],
  [
    "packages/core/test/mirror/incremental.test.ts",
    "packages/core/test/reader/delivery.test.ts",
    "packages/core/test/writer/bundles.test.ts",
  ],
  [
    "packages/group/test/attack/lying-member.test.ts",
    "packages/group/test/invite/invitations.test.ts",
    "packages/group/test/group.test.ts",
  ],
  [
    "tools/second-reader/test/bundled-logs.test.ts",
    "docs/test/costs-page.test.ts",
    "examples/test/offline-chat.test.ts",
  ],
  [
    "packages/core/test/mirror/faults.test.ts",
    "packages/core/test/reader/lying-storage.test.ts",
    "packages/s3/test/race.test.ts",
  ],
  [
    "packages/s3/test/public/passing-faults.test.ts",
    "packages/cli/test/hostile.test.ts",
    "packages/cli/test/remotes/linked/arrivals.test.ts",
    "packages/cli/test/remotes/proxy/schemes.test.ts",
  ],
  [
    "packages/core/test/writer/unknown-outcomes.test.ts",
    "packages/core/test/writer/faulty-syscalls.test.ts",
    "packages/core/test/writer/stepwise-publish.test.ts",
    "packages/core/test/writer/publish-progress.test.ts",
  ],
  [
    "packages/core/test/writer/recover.test.ts",
    "packages/core/test/writer/large-recovery.test.ts",
    "packages/core/test/writer/crash-points.test.ts",
  ],
  [
    "packages/cli/test/commands/link.test.ts",
    "packages/cli/test/commands/follow.test.ts",
    "packages/cli/test/story.test.ts",
  ],
  [
    "packages/cli/test/writing/journal-lock.test.ts",
    "packages/cli/test/commands/append-stream.test.ts",
    "packages/cli/test/writing/journal-snapshot.test.ts",
  ],
  [
    "packages/cli/test/remotes/schemes/s3.test.ts",
    "packages/cli/test/commands/mirror.test.ts",
    "packages/cli/test/cosigning/cosign.test.ts",
    "packages/cli/test/commands/append.test.ts",
  ],
  [
    "packages/swarm/test/chunk/tree.test.ts",
    "packages/swarm/test/chunk/owner-chunk.test.ts",
    "packages/swarm/test/attack/attack-feeds.test.ts",
  ],
  [
    "packages/conformance/test/model.test.ts",
    "packages/conformance/test/web-storage.test.ts",
    "packages/conformance/test/key-value.test.ts",
  ],
  [
    "packages/conformance/test/mutants.test.ts",
    "packages/conformance/test/run.test.ts",
    "packages/conformance/test/cli.test.ts",
  ],
  [
    "packages/conformance/test/early-stop.test.ts",
    "packages/conformance/test/tcp-fault-proxy.test.ts",
    "packages/conformance/test/tcp-faults.test.ts",
  ],
  ["packages/fs/test/race.test.ts", "packages/fs/test/faults.test.ts", "tools/test/conformance.test.ts"],
  [
    "packages/conformance/test/node-test.test.ts",
    "tools/servers/test/cli.test.ts",
    "tools/servers/test/launch.test.ts",
  ],
  [
    "packages/core/test/reader/forks.test.ts",
    "packages/core/test/reader/large-pages.test.ts",
    "packages/core/test/reader/kept-objects.test.ts",
    "packages/core/test/wire/hostile-bytes.test.ts",
  ],
  [
    "packages/core/test/writer/kill.test.ts",
    "packages/fs/test/crash.test.ts",
    "packages/core/test/journal/long-log.test.ts",
  ],
  [
    "packages/cli/test/files/hostile-files.test.ts",
    "packages/cli/test/reading/reader-state.test.ts",
    "tools/servers/test/cached-build.test.ts",
  ],
  // The same suite with either client.
  ["packages/s3/test/conformance.test.ts", "packages/s3/test/light/conformance.test.ts"],
  // The same suite in each layer.
  [
    "packages/layers/test/conformance/retry.test.ts",
    "packages/layers/test/conformance/limit.test.ts",
    "packages/layers/test/conformance/cache.test.ts",
    "packages/layers/test/conformance/trace.test.ts",
    "packages/layers/test/conformance/stack.test.ts",
  ],
  ["packages/serve/test/serve.test.ts", "packages/cli/test/serving/serve.test.ts"],
  ["packages/mvds/test/processes/websocket.test.ts", "packages/mvds/test/processes/folder.test.ts"],
  // Parts of the core by themselves: not long, but many.
  [
    "packages/core/test/writer/recover-journal.test.ts",
    "packages/core/test/mirror/copy-tree.test.ts",
    "packages/core/test/writer/look.test.ts",
  ],
  [
    "packages/core/test/writer/stored-tree.test.ts",
    "packages/core/test/mirror/mirror-log.test.ts",
    "packages/core/test/reader/reader.test.ts",
  ],
  [
    "packages/core/test/writer/read-path.test.ts",
    "packages/core/test/writer/publish-steps.test.ts",
    "packages/core/test/writer/append-queue.test.ts",
  ],
  [
    "packages/core/test/writer/check-acknowledged.test.ts",
    "packages/core/test/journal/entries-aside.test.ts",
    "packages/core/test/mirror/silent-sources.test.ts",
  ],
  [
    "packages/core/test/writer/acknowledged-uploads.test.ts",
    "packages/core/test/reader/read-sources.test.ts",
    "packages/core/test/reader/ask-remotes.test.ts",
  ],
  [
    "packages/core/test/reader/comparisons.test.ts",
    "packages/core/test/journal/journal.test.ts",
    "packages/core/test/writer/open-log.test.ts",
  ],
  [
    "packages/cli/test/commands/fsck.test.ts",
    "packages/cli/test/commands/export.test.ts",
    "packages/car/test/export.test.ts",
  ],
  [
    "examples/test/notes-server.test.ts",
    "packages/group/test/large/million.test.ts",
    "packages/group/test/group-errors.test.ts",
  ],
  [
    "packages/core/test/tree/compare-heads.test.ts",
    "packages/conformance/test/log-cores.test.ts",
    "packages/conformance/test/activity.test.ts",
    "packages/simulator/test/hunt/hunt.test.ts",
  ],
  [
    "tools/second-reader/test/written-logs.test.ts",
    "packages/group/test/restored.test.ts",
    "tools/fuzz/test/hostile.test.ts",
  ],
  [
    "packages/core/test/tree/fork-evidence.test.ts",
    "packages/cli/test/refusals.test.ts",
    "packages/core/test/mirror/lying-sources.test.ts",
    "packages/core/test/mirror/cosign.test.ts",
    "packages/group/test/large/hundred.test.ts",
  ],
  [
    "packages/cli/test/commands/bundles.test.ts",
    "packages/core/test/tree/compare-owners.test.ts",
    "tools/second-reader/test/private-logs.test.ts",
    "packages/core/test/remote/bounded-requests.test.ts",
  ],
];

/**
 * What `pnpm test` leaves out of the groups in this run: all but one file of each.
 *
 * @param {number} seed - that of the run's samples
 * @param {readonly (readonly string[])[]} [groups] - default: `longFiles`
 * @returns {string[]}
 */
export function longFilesLeftOut(seed, groups = longFiles) {
  return groups.flatMap((group) => group.filter((_, index) => index !== seed % group.length));
}
