package main

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"math/big"
	"net/http"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethersphere/bee/v2/pkg/accesscontrol"
	accountingmock "github.com/ethersphere/bee/v2/pkg/accounting/mock"
	"github.com/ethersphere/bee/v2/pkg/api"
	"github.com/ethersphere/bee/v2/pkg/crypto"
	feedfactory "github.com/ethersphere/bee/v2/pkg/feeds/factory"
	"github.com/ethersphere/bee/v2/pkg/gsoc"
	"github.com/ethersphere/bee/v2/pkg/log"
	"github.com/ethersphere/bee/v2/pkg/p2p"
	p2pmock "github.com/ethersphere/bee/v2/pkg/p2p/mock"
	pingpongmock "github.com/ethersphere/bee/v2/pkg/pingpong/mock"
	"github.com/ethersphere/bee/v2/pkg/postage"
	"github.com/ethersphere/bee/v2/pkg/postage/batchstore"
	"github.com/ethersphere/bee/v2/pkg/pss"
	"github.com/ethersphere/bee/v2/pkg/pusher"
	pushsyncmock "github.com/ethersphere/bee/v2/pkg/pushsync/mock"
	resolvermock "github.com/ethersphere/bee/v2/pkg/resolver/mock"
	chequebookmock "github.com/ethersphere/bee/v2/pkg/settlement/swap/chequebook/mock"
	erc20mock "github.com/ethersphere/bee/v2/pkg/settlement/swap/erc20/mock"
	swapmock "github.com/ethersphere/bee/v2/pkg/settlement/swap/mock"
	"github.com/ethersphere/bee/v2/pkg/statestore/leveldb"
	"github.com/ethersphere/bee/v2/pkg/status"
	"github.com/ethersphere/bee/v2/pkg/steward"
	"github.com/ethersphere/bee/v2/pkg/storage/inmemstore"
	stakingmock "github.com/ethersphere/bee/v2/pkg/storageincentives/staking/mock"
	"github.com/ethersphere/bee/v2/pkg/storer"
	"github.com/ethersphere/bee/v2/pkg/swarm"
	"github.com/ethersphere/bee/v2/pkg/topology/lightnode"
	topologymock "github.com/ethersphere/bee/v2/pkg/topology/mock"
	"github.com/ethersphere/bee/v2/pkg/tracing"
	"github.com/ethersphere/bee/v2/pkg/transaction/backendmock"
	transactionmock "github.com/ethersphere/bee/v2/pkg/transaction/mock"
	"github.com/multiformats/go-multiaddr"
)

const (
	networkID = 4669
	chainID   = 1
	blockTime = 5 * time.Second
	// reserveCapacity is Bee's own. There is no reserve here; the radius that a node reports comes from it.
	reserveCapacity = 1 << 22
	// cacheCapacity is Bee's own, in chunks.
	cacheCapacity = 1_000_000
)

// newNode makes Bee's API with a storer and a pusher of its own.
func newNode(ctx context.Context, net *network, chain *chain, origins []string) (http.Handler, error) {
	logger := log.Noop
	key, err := crypto.GenerateSecp256k1Key()
	if err != nil {
		return nil, err
	}
	signer := crypto.NewDefaultSigner(key)
	ethereumAddress, err := signer.EthereumAddress()
	if err != nil {
		return nil, err
	}
	overlay, err := crypto.NewOverlayAddress(key.PublicKey, networkID, make([]byte, 32))
	if err != nil {
		return nil, err
	}

	state, err := leveldb.NewInMemoryStateStore(logger)
	if err != nil {
		return nil, err
	}
	batches, err := batchstore.New(state, func([]byte) error { return nil }, reserveCapacity, logger)
	if err != nil {
		return nil, err
	}
	stamps := inmemstore.New()
	post, err := postage.NewService(logger, stamps, batches, chainID, false)
	if err != nil {
		return nil, err
	}
	batches.SetBatchExpiryHandler(post)
	ledger := &ledger{batches: batches, service: post, owner: ethereumAddress.Bytes()}
	if err := chain.join(ledger); err != nil {
		return nil, err
	}

	store, err := storer.New(ctx, "", &storer.Options{
		Address:       overlay,
		Batchstore:    batches,
		CacheCapacity: cacheCapacity,
		Logger:        logger,
	})
	if err != nil {
		return nil, err
	}
	store.SetRetrievalService(net)
	pushes := pusher.New(networkID, store, pushsyncmock.New(net.push), batches, logger, steady{}, pusher.DefaultRetryCount)
	// Without somebody who drains it, direct uploads would wait for ever.
	pushes.AddFeed(store.PusherFeed())

	backend := backendmock.New(
		backendmock.WithBlockNumberFunc(chain.blockNumber),
		backendmock.WithBalanceAt(func(context.Context, common.Address, *big.Int) (*big.Int, error) {
			return new(big.Int).Set(wallet), nil
		}),
	)
	service := api.New(key.PublicKey, key.PublicKey, ethereumAddress, nil, logger, transactionmock.New(), batches,
		api.FullMode, true, true, backend, origins, stamps)
	tracer, _, err := tracing.NewTracer(&tracing.Options{Enabled: false})
	if err != nil {
		return nil, err
	}
	service.Configure(signer, tracer, api.Options{CORSAllowedOrigins: origins, WsPingPeriod: time.Minute},
		extras(key, overlay, net, chain, ledger, store), chainID, erc20mock.New(erc20mock.WithBalanceOfFunc(func(context.Context, common.Address) (*big.Int, error) {
			return new(big.Int).Set(wallet), nil
		})))
	service.SetP2P(p2pmock.New(p2pmock.WithAddressesFunc(func() ([]multiaddr.Multiaddr, error) { return []multiaddr.Multiaddr{}, nil })))
	service.SetSwarmAddress(&overlay)
	probe := api.NewProbe()
	probe.SetHealthy(api.ProbeStatusOK)
	probe.SetReady(api.ProbeStatusOK)
	service.SetProbe(probe)
	service.Mount()
	service.EnableFullAPI()
	return withoutAbsent(service), nil
}

func extras(key *ecdsa.PrivateKey, overlay swarm.Address, net *network, chain *chain, ledger *ledger, store *storer.DB) api.ExtraOptions {
	logger := log.Noop
	peers := topologymock.NewTopologyDriver()
	return api.ExtraOptions{
		Accounting: accountingmock.NewAccounting(),
		AccessControl: accesscontrol.NewController(
			accesscontrol.NewLogic(accesscontrol.NewDefaultSession(key))),
		BlockTime:       blockTime,
		Chequebook:      chequebookmock.NewChequebook(),
		FeedFactory:     feedfactory.New(net.feedGetter(store.Download(true))),
		Gsoc:            gsoc.New(logger),
		LightNodes:      lightnode.NewContainer(overlay),
		NodeStatus:      status.NewService(logger, nobody{}, peers, api.FullMode.String(), ledger.batches, store, nil),
		Pingpong:        pingpongmock.New(func(context.Context, swarm.Address, ...string) (time.Duration, error) { return 0, errNoPeers }),
		Post:            ledger.service,
		PostageContract: chain.contract(ledger),
		Pss:             pss.New(key, logger),
		Resolver:        resolvermock.NewResolver(),
		Staking:         stakingmock.New(),
		Steward:         steward.New(store, net, store.Cache()),
		Storer:          store,
		Swap:            swapmock.New(),
		SyncStatus:      func() (bool, error) { return true, nil },
		TopologyDriver:  peers,
	}
}

var errNoPeers = errors.New("this node has no peers")

// nobody is whom a node without peers can ask.
type nobody struct{}

func (nobody) NewStream(context.Context, swarm.Address, p2p.Headers, string, string, string) (p2p.Stream, error) {
	return nil, errNoPeers
}

// steady is a node that has settled from the start.
type steady struct{}

func (steady) Subscribe() (<-chan struct{}, func()) {
	settled := make(chan struct{})
	close(settled)
	return settled, func() {}
}

func (steady) IsStabilized() bool { return true }
