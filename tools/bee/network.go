package main

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/ethersphere/bee/v2/pkg/pushsync"
	"github.com/ethersphere/bee/v2/pkg/soc"
	"github.com/ethersphere/bee/v2/pkg/storage"
	"github.com/ethersphere/bee/v2/pkg/swarm"
	"github.com/ethersphere/bee/v2/pkg/topology"
)

// faults says what goes wrong in the network. The zero value is a network where nothing does.
type faults struct {
	// LosePushes is how many of the next pushes are confirmed and lost.
	LosePushes int `json:"losePushes"`
	// NoPeers has nodes find nobody to push to, so that direct uploads never end.
	NoPeers bool `json:"noPeers"`
	// DelayMilliseconds is how long every push and every retrieval takes.
	DelayMilliseconds int `json:"delayMilliseconds"`
	// FailRetrievals has retrievals end with an error that is not "not found".
	FailRetrievals bool `json:"failRetrievals"`
	// FeedsHideNewest is how many of the newest single-owner chunks the look-up of feeds does not find.
	FeedsHideNewest int `json:"feedsHideNewest"`
	// FeedsFail has every probe of the look-up of feeds fail.
	FeedsFail bool `json:"feedsFail"`
	// FirstSurvives keeps the first of two chunks with one address. The default is the newest.
	FirstSurvives bool `json:"firstSurvives"`
}

// network is what all nodes have in common: what was pushed, and from where what a node lacks is retrieved.
type network struct {
	mutex  sync.Mutex
	chunks map[string]swarm.Chunk
	// owned holds the addresses of the single-owner chunks, oldest first.
	owned  []string
	faults faults
	pushes int
}

func newNetwork() *network {
	return &network{chunks: map[string]swarm.Chunk{}}
}

// check says what no fault can be.
func (f faults) check() error {
	if f.LosePushes < 0 || f.DelayMilliseconds < 0 || f.FeedsHideNewest < 0 {
		return errors.New("losePushes, delayMilliseconds and feedsHideNewest have to be 0 or more")
	}
	return nil
}

func (n *network) setFaults(to faults) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	n.faults = to
}

func (n *network) current() faults {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	return n.faults
}

// forget drops a chunk, as a network does whose stamp has expired. Says whether it was there.
func (n *network) forget(address swarm.Address) bool {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	key := address.ByteString()
	_, there := n.chunks[key]
	delete(n.chunks, key)
	n.disown(key)
	return there
}

// counts are the chunks that the network has, and the pushes that were made.
func (n *network) counts() (chunks, pushes int) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	return len(n.chunks), n.pushes
}

// push takes a chunk in: what pushsync of a node does.
func (n *network) push(ctx context.Context, chunk swarm.Chunk) (*pushsync.Receipt, error) {
	if err := n.delay(ctx); err != nil {
		return nil, err
	}
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if n.faults.NoPeers {
		return nil, topology.ErrNotFound
	}
	n.pushes++
	receipt := &pushsync.Receipt{Address: chunk.Address()}
	if n.faults.LosePushes > 0 {
		n.faults.LosePushes--
		return receipt, nil
	}
	key := chunk.Address().ByteString()
	if _, there := n.chunks[key]; there && n.faults.FirstSurvives {
		return receipt, nil
	}
	n.chunks[key] = chunk
	if soc.Valid(chunk) {
		n.disown(key)
		n.owned = append(n.owned, key)
	}
	return receipt, nil
}

// disown takes an address out of those of the single-owner chunks. The caller has the lock.
func (n *network) disown(key string) {
	n.owned = slices.DeleteFunc(n.owned, func(other string) bool { return other == key })
}

// RetrieveChunk gives a chunk that a node does not have itself.
func (n *network) RetrieveChunk(ctx context.Context, address, _ swarm.Address) (swarm.Chunk, error) {
	if err := n.delay(ctx); err != nil {
		return nil, err
	}
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if n.faults.FailRetrievals {
		return nil, errors.New("the retrieval failed")
	}
	chunk, there := n.chunks[address.ByteString()]
	if !there {
		return nil, storage.ErrNotFound
	}
	return chunk, nil
}

// feedGetter is what the look-up of feeds reads by.
func (n *network) feedGetter(inner storage.Getter) storage.Getter {
	return storage.GetterFunc(func(ctx context.Context, address swarm.Address) (swarm.Chunk, error) {
		if n.current().FeedsFail {
			return nil, errors.New("the probe failed")
		}
		if n.hidden(address) {
			return nil, storage.ErrNotFound
		}
		return inner.Get(ctx, address)
	})
}

func (n *network) hidden(address swarm.Address) bool {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	seen := max(0, len(n.owned)-n.faults.FeedsHideNewest)
	return slices.Contains(n.owned[seen:], address.ByteString())
}

func (n *network) delay(ctx context.Context) error {
	milliseconds := n.current().DelayMilliseconds
	if milliseconds == 0 {
		return nil
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Duration(milliseconds) * time.Millisecond):
		return nil
	}
}
