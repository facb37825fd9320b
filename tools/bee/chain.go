package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"math/big"
	"sync"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethersphere/bee/v2/pkg/postage"
	"github.com/ethersphere/bee/v2/pkg/postage/postagecontract"
	contractmock "github.com/ethersphere/bee/v2/pkg/postage/postagecontract/mock"
)

const (
	// bucketDepth is that of the contract.
	bucketDepth = 16
	// validityBlocks is how long a new batch has to last: a day of blocks of 5 seconds.
	validityBlocks = 17280
	// price is what a chunk costs for a block, in PLUR.
	price = 24000
	// usableBlocks is after how many blocks Bee takes a new batch for usable.
	usableBlocks = 10
	// firstBlock is far enough from 0 that nothing is special about it.
	firstBlock = 1000
)

// wallet is what every node can spend at once, and never has less of: 10^24 PLUR, which is more than there is.
var wallet = new(big.Int).Exp(big.NewInt(10), big.NewInt(24), nil)

// errReverted is what the contract does not do.
var errReverted = errors.New("the contract refuses")

// chain is a model of the chain: the number of the block, and what every chunk has paid so far. Nothing is bought on it
// with money. A new batch is usable after 10 blocks, as on the real one; they pass at once, unless they are held.
type chain struct {
	mutex   sync.Mutex
	block   uint64
	payout  *big.Int
	held    bool
	ledgers []*ledger
}

// ledger is what one node knows of the chain.
type ledger struct {
	batches postage.Storer
	service postage.Service
	owner   []byte
}

func newChain() *chain {
	return &chain{block: firstBlock, payout: big.NewInt(0)}
}

// join has a node follow the chain.
func (c *chain) join(l *ledger) error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.ledgers = append(c.ledgers, l)
	return c.tell()
}

// advance lets blocks pass; batches pay for them, and expire.
func (c *chain) advance(blocks uint64) error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.pass(blocks)
}

// hold keeps the chain from moving by itself, so that new batches are not usable yet.
func (c *chain) hold(held bool) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.held = held
}

func (c *chain) blockNumber(context.Context) (uint64, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.block, nil
}

func (c *chain) pass(blocks uint64) error {
	c.block += blocks
	cost := new(big.Int).Mul(new(big.Int).SetUint64(blocks), big.NewInt(price))
	c.payout = new(big.Int).Add(c.payout, cost)
	return c.tell()
}

func (c *chain) tell() error {
	for _, l := range c.ledgers {
		state := &postage.ChainState{
			Block:        c.block,
			TotalAmount:  new(big.Int).Set(c.payout),
			CurrentPrice: big.NewInt(price),
		}
		if err := l.batches.PutChainState(state); err != nil {
			return err
		}
	}
	return nil
}

// contract is the postage contract as one node sees it.
func (c *chain) contract(buyer *ledger) postagecontract.Interface {
	return contractmock.New(
		contractmock.WithCreateBatchFunc(func(_ context.Context, amount *big.Int, depth uint8, immutable bool, label string) (common.Hash, []byte, error) {
			return c.create(buyer, amount, depth, immutable, label)
		}),
		contractmock.WithTopUpBatchFunc(func(_ context.Context, id []byte, amount *big.Int) (common.Hash, error) {
			return hash(), c.change(id, func(l *ledger, batch *postage.Batch) error {
				if amount.Sign() <= 0 {
					return errReverted
				}
				if unaffordable(amount, batch.Depth) {
					return postagecontract.ErrInsufficientFunds
				}
				if err := l.batches.Update(batch, new(big.Int).Add(batch.Value, amount), batch.Depth); err != nil {
					return err
				}
				l.service.HandleTopUp(id, amount)
				return nil
			})
		}),
		contractmock.WithDiluteBatchFunc(func(_ context.Context, id []byte, depth uint8) (common.Hash, error) {
			return hash(), c.change(id, func(l *ledger, batch *postage.Batch) error {
				if depth < batch.Depth {
					return postagecontract.ErrInvalidDepth
				}
				if depth == batch.Depth || !bytes.Equal(batch.Owner, buyer.owner) {
					return errReverted
				}
				// The same money pays for twice as many chunks at each step, and lasts half as long.
				left := new(big.Int).Sub(batch.Value, c.payout)
				left.Rsh(left, uint(depth-batch.Depth))
				if err := l.batches.Update(batch, left.Add(left, c.payout), depth); err != nil {
					return err
				}
				l.service.HandleDepthIncrease(id, depth)
				return nil
			})
		}),
		contractmock.WithMinimumValidityBlocksFunc(func(context.Context) (uint64, error) { return validityBlocks, nil }),
		contractmock.WithPaused(func(context.Context) (bool, error) { return false, nil }),
		contractmock.WithExpiresBatchesFunc(func(context.Context) error { return nil }),
	)
}

func (c *chain) create(buyer *ledger, amount *big.Int, depth uint8, immutable bool, label string) (common.Hash, []byte, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if depth <= bucketDepth {
		return common.Hash{}, nil, postagecontract.ErrInvalidDepth
	}
	if unaffordable(amount, depth) {
		return common.Hash{}, nil, postagecontract.ErrInsufficientFunds
	}
	if amount.Cmp(big.NewInt(price*validityBlocks)) <= 0 {
		return common.Hash{}, nil, postagecontract.ErrInsufficientValidity
	}
	id := hash().Bytes()
	for _, l := range c.ledgers {
		err := l.batches.Save(&postage.Batch{
			ID:          id,
			Value:       new(big.Int).Add(amount, c.payout),
			Start:       c.block,
			Owner:       buyer.owner,
			Depth:       depth,
			BucketDepth: bucketDepth,
			Immutable:   immutable,
		})
		if err != nil {
			return common.Hash{}, nil, err
		}
	}
	issuer := postage.NewStampIssuer(label, string(buyer.owner), id, amount, depth, bucketDepth, c.block, immutable)
	if err := buyer.service.Add(issuer); err != nil {
		return common.Hash{}, nil, err
	}
	if c.held {
		return hash(), id, nil
	}
	return hash(), id, c.pass(usableBlocks)
}

func (c *chain) change(id []byte, how func(*ledger, *postage.Batch) error) error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for _, l := range c.ledgers {
		batch, err := l.batches.Get(id)
		if err != nil {
			return err
		}
		if err := how(l, batch); err != nil {
			return err
		}
	}
	return nil
}

// unaffordable says whether so much for each chunk of a batch is more than a node has.
func unaffordable(amount *big.Int, depth uint8) bool {
	return new(big.Int).Lsh(amount, uint(depth)).Cmp(wallet) > 0
}

func hash() (made common.Hash) {
	_, _ = rand.Read(made[:])
	return made
}
