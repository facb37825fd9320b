// Every exported type of options accepts `undefined` for what is optional, also under `exactOptionalPropertyTypes`, which this
// repository is compiled with: an application may pass on `{ signal }` without asking whether it has one. `pnpm types` checks it;
// a test checks that no type is missing here.

import type * as car from "@remote-log/car";
import type * as conformance from "@remote-log/conformance";
import type * as faultProxy from "@remote-log/conformance/fault-proxy";
import type * as core from "@remote-log/core";
import type * as adapter from "@remote-log/core/adapter";
import type * as cosign from "@remote-log/core/cosign";
import type * as keyring from "@remote-log/core/keyring";
import type * as fs from "@remote-log/fs";
import type * as group from "@remote-log/group";
import type * as ipfs from "@remote-log/ipfs";
import type * as embedded from "@remote-log/ipfs/embedded";
import type * as gateway from "@remote-log/ipfs/gateway";
import type * as layers from "@remote-log/layers";
import type * as folderCache from "@remote-log/layers/folder";
import type * as indexedDbCache from "@remote-log/layers/indexed-db";
import type * as openTelemetry from "@remote-log/layers/opentelemetry";
import type * as memory from "@remote-log/memory";
import type * as mvds from "@remote-log/mvds";
import type * as mvdsFolder from "@remote-log/mvds/folder";
import type * as mvdsSds from "@remote-log/mvds/sds";
import type * as mvdsWebSocket from "@remote-log/mvds/websocket";
import type * as s3 from "@remote-log/s3";
import type * as lightS3 from "@remote-log/s3/light";
import type * as publicS3 from "@remote-log/s3/public";
import type * as served from "@remote-log/serve";
import type * as swarm from "@remote-log/swarm";

/** The optional properties of a type, each of the type `undefined`. */
type AllUndefined<T> = { [K in keyof T as Partial<Pick<T, K>> extends Pick<T, K> ? K : never]: undefined };

/** The type itself, if what is optional may be `undefined`; else nothing fits. */
type Accepting<T> = AllUndefined<T> extends Partial<T> ? T : never;

/** Fails to compile for a type that refuses `undefined` for something optional. */
type Check<T extends readonly unknown[]> = { [I in keyof T]: [Accepting<T[I]>] extends [never] ? I : true };

/** Compiles only if nothing of it is the place of a type that refuses `undefined`. */
type Passed<T extends readonly true[]> = T;

/** All of them; what an adapter gives to the client of its service is none of ours. */
export type Options = Passed<
  Check<
    [
      car.CarRemoteOptions,
      car.ExportCarOptions,
      conformance.EarlyStopOptions,
      conformance.ConformanceLimits,
      conformance.OpenOptions,
      conformance.ReaderStoreRunOptions,
      conformance.RunCaseOptions,
      conformance.CheckOptions,
      conformance.SuiteOptions,
      faultProxy.FaultProxyOptions,
      faultProxy.FaultRequest,
      faultProxy.TcpFaultProxyOptions,
      core.LoadOrCreateSeedOptions,
      core.AppendOptions,
      core.EntriesOptions,
      core.GrantOptions,
      core.KeyRotation,
      cosign.CosignerOptions,
      keyring.OpenSeedOptions,
      keyring.SealSeedOptions,
      core.PublishOptions,
      core.RepairOptions,
      core.WriterOptions,
      core.StageOptions,
      core.RecoverOptions,
      core.FollowOptions,
      core.FromOptions,
      core.LinkReaderOptions,
      core.OpenLinkOptions,
      core.CachePutOptions,
      core.ReaderOptions,
      core.MemoryReaderStoreOptions,
      core.ReaderLimits,
      core.MirrorCosigning,
      core.MirrorOptions,
      core.MirrorTarget,
      core.GenesisSettings,
      core.WireLimits,
      adapter.CallLimits,
      adapter.StorageLimits,
      adapter.ResolveRequest,
      adapter.LifetimeOptions<adapter.OperationContext>,
      adapter.FailureOptions,
      adapter.ConnectionOptions<unknown>,
      adapter.HttpRequest,
      adapter.ReadBodyOptions,
      adapter.ReadRangeOptions,
      adapter.ReadErrorTextOptions,
      adapter.DeadlineOptions,
      adapter.HedgeOptions,
      adapter.RetryBudgetOptions,
      adapter.RunOptions,
      fs.LoadOrCreateSeedOptions,
      fs.FsNamesOptions,
      fs.FsOptions,
      fs.FsRemoteOptions,
      fs.FsStorageOptions,
      ipfs.IpfsRemoteOptions,
      ipfs.IpfsUriOptions,
      ipfs.NodeOptions,
      ipfs.IpfsStorageOptions,
      ipfs.IpnsNamesOptions,
      ipfs.DelegatedRouteOptions,
      ipfs.KeepOnceOptions,
      ipfs.KeepOptions,
      gateway.GatewayOptions,
      gateway.GatewayStorageOptions,
      gateway.GatewayRemoteOptions,
      gateway.GatewayRemoteSettings,
      embedded.DatastoreRouteOptions,
      embedded.EmbeddedRemoteOptions,
      embedded.BlockstoreStorageOptions,
      group.AppendMessageOptions,
      group.AttachOptions,
      group.DescribeOptions,
      group.GroupOptions<unknown>,
      group.InviteOptions,
      group.JsonCodecOptions<unknown>,
      group.MessagesOptions,
      group.OpenOptions,
      layers.CacheOptions,
      layers.LimitOptions,
      layers.MemoryCacheOptions,
      layers.RetryOptions,
      folderCache.FolderCacheOptions,
      indexedDbCache.IndexedDbCacheOptions,
      openTelemetry.OpenTelemetryOptions,
      memory.MemoryNamesOptions,
      memory.MemoryStorageOptions,
      memory.MemoryRemoteOptions,
      mvds.EngineLimits,
      mvds.EngineOptions,
      mvds.ExponentialBackOffOptions,
      mvds.LinearBackOffOptions,
      mvds.LogOptions,
      mvds.MemoryNetworkOptions,
      mvds.NodeOptions,
      mvds.PayloadLimits,
      mvds.SendOptions,
      mvds.SyncOptions,
      mvds.TickOptions,
      mvds.TransportOptions,
      mvdsFolder.FolderTransportOptions,
      mvdsSds.RetrieveOptions,
      mvdsSds.SdsLimits,
      mvdsWebSocket.DialOptions,
      mvdsWebSocket.WebSocketTransportOptions,
      s3.OwnClientOptions,
      s3.OpenS3RemoteOptions,
      s3.S3NamesOptions,
      s3.S3Options,
      s3.S3RemoteOptions,
      s3.S3StorageOptions,
      s3.OpenS3UriOptions,
      s3.S3UriOptions,
      lightS3.LightS3ClientOptions,
      lightS3.OpenS3RemoteOptions,
      lightS3.OpenS3UriOptions,
      lightS3.S3NamesOptions,
      lightS3.S3Options,
      lightS3.S3RemoteOptions,
      lightS3.S3StorageOptions,
      lightS3.S3UriOptions,
      publicS3.PublicS3UriOptions,
      publicS3.PublicS3Options,
      served.LogLimits,
      served.ServedLogOptions,
      served.ServeOptions,
      swarm.NodeOptions,
      swarm.SwarmNamesOptions,
      swarm.SwarmNodeOptions,
      swarm.SwarmStorageOptions,
      swarm.SwarmRemoteOptions,
      swarm.SwarmUriOptions,
      core.OperationOptions,
      core.GetOptions,
      core.UpdateOptions,
      core.ResolveOptions,
      core.Remote,
      core.RemoteLogErrorOptions,
    ]
  >
>;
