package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// A batchTree is one tree that another implementation made. Its leaves are those of the batch, up to its size; this
// program computes its root and its proofs by itself and compares. Hashes are base64.
type batchTree struct {
	Size      int64     `json:"size"`
	Root      tlog.Hash `json:"root"`
	Inclusion []struct {
		Index int64            `json:"index"`
		Path  tlog.RecordProof `json:"path"`
	} `json:"inclusion"`
	Consistency []struct {
		First int64          `json:"first"`
		Path  tlog.TreeProof `json:"path"`
	} `json:"consistency"`
}

// batch compares many trees in one run. Leaf i of every tree is the text "leaf <i>".
func batch(file string) (string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	var trees []batchTree
	if err := json.Unmarshal(text, &trees); err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	var largest int64
	for _, tree := range trees {
		largest = max(largest, tree.Size)
	}
	stored, err := storedHashes(largest)
	if err != nil {
		return "", err
	}
	proofs := 0
	for _, tree := range trees {
		if err := tree.check(stored); err != nil {
			return "", fmt.Errorf("tree of %d leaves: %w", tree.Size, err)
		}
		proofs += len(tree.Inclusion) + len(tree.Consistency)
	}
	return fmt.Sprintf("%d trees with %d proofs", len(trees), proofs), nil
}

// storedHashes makes the hashes of all leaves and perfect subtrees, in the order of tlog.StoredHashIndex.
func storedHashes(size int64) (tlog.HashReader, error) {
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			hashes[i] = stored[index]
		}
		return hashes, nil
	})
	for i := range size {
		hashes, err := tlog.StoredHashes(i, fmt.Appendf(nil, "leaf %d", i), reader)
		if err != nil {
			return nil, err
		}
		stored = append(stored, hashes...)
	}
	return reader, nil
}

func (tree batchTree) check(stored tlog.HashReader) error {
	root, err := tlog.TreeHash(tree.Size, stored)
	if err != nil {
		return err
	}
	if tree.Size == 0 {
		root = emptyRoot
	}
	if root != tree.Root {
		return fmt.Errorf("the root is %s, and not %s", root, tree.Root)
	}
	for _, proof := range tree.Inclusion {
		leaf := tlog.RecordHash(fmt.Appendf(nil, "leaf %d", proof.Index))
		if err := tlog.CheckRecord(proof.Path, tree.Size, tree.Root, proof.Index, leaf); err != nil {
			return fmt.Errorf("inclusion of leaf %d: %w", proof.Index, err)
		}
		want, err := tlog.ProveRecord(tree.Size, proof.Index, stored)
		if err != nil || !slices.Equal(want, proof.Path) {
			return fmt.Errorf("inclusion of leaf %d: another path than this program's (%v)", proof.Index, err)
		}
	}
	for _, proof := range tree.Consistency {
		if proof.First < 1 || proof.First > tree.Size {
			return fmt.Errorf("it can't extend a tree of %d leaves", proof.First)
		}
		first, err := tlog.TreeHash(proof.First, stored)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(proof.Path, tree.Size, tree.Root, proof.First, first); err != nil {
			return fmt.Errorf("consistency with size %d: %w", proof.First, err)
		}
		want, err := tlog.ProveTree(tree.Size, proof.First, stored)
		if err != nil || !slices.Equal(want, proof.Path) {
			return fmt.Errorf("consistency with size %d: another path than this program's (%v)", proof.First, err)
		}
	}
	return nil
}
