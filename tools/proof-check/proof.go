package main

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	inclusionHeader   = "c2sp.org/tlog-proof@v1"
	consistencyHeader = "remote-log/consistency@v1"
)

// emptyRoot is the root of the tree without leaves (RFC 9162 §2.1.1).
var emptyRoot = tlog.Hash(sha256.Sum256(nil))

// checkInclusion checks a proof in the format of C2SP tlog-proof, and the checkpoint in it, against the leaf's data.
func checkInclusion(verify verifier, files []string) (string, error) {
	text, err := os.ReadFile(files[0])
	if err != nil {
		return "", err
	}
	data, err := os.ReadFile(files[1])
	if err != nil {
		return "", err
	}
	proof, signed, found := strings.Cut(string(text), "\n\n")
	if !found {
		return "", fmt.Errorf("%s: no empty line before the checkpoint", files[0])
	}
	index, path, err := parseInclusion(strings.Split(proof, "\n"))
	if err != nil {
		return "", fmt.Errorf("%s: %w", files[0], err)
	}
	tree, err := verify.open([]byte(signed))
	if err != nil {
		return "", fmt.Errorf("%s: %w", files[0], err)
	}
	if index >= tree.size {
		return "", fmt.Errorf("leaf %d is not in a log of %d leaves", index, tree.size)
	}
	if err := tlog.CheckRecord(path, tree.size, tree.root, index, tlog.RecordHash(data)); err != nil {
		return "", fmt.Errorf("the data is not leaf %d of the log of %d leaves: %w", index, tree.size, err)
	}
	return fmt.Sprintf("leaf %d of %d in %s", index, tree.size, tree.origin), nil
}

func parseInclusion(lines []string) (int64, tlog.RecordProof, error) {
	if lines[0] != inclusionHeader {
		return 0, nil, fmt.Errorf("the first line is not %q", inclusionHeader)
	}
	lines = lines[1:]
	if len(lines) > 0 && strings.HasPrefix(lines[0], "extra ") {
		if _, err := base64.StdEncoding.Strict().DecodeString(lines[0][len("extra "):]); err != nil {
			return 0, nil, fmt.Errorf("the extra data: %w", err)
		}
		lines = lines[1:]
	}
	if len(lines) == 0 || !strings.HasPrefix(lines[0], "index ") {
		return 0, nil, errors.New("the line with the index is missing")
	}
	index, err := parseNumber(lines[0][len("index "):])
	if err != nil {
		return 0, nil, fmt.Errorf("the index: %w", err)
	}
	path, err := parseHashes(lines[1:])
	return index, path, err
}

// checkConsistency checks that one signed checkpoint extends another.
func checkConsistency(verify verifier, files []string) (string, error) {
	first, err := verify.openFile(files[0])
	if err != nil {
		return "", err
	}
	second, err := verify.openFile(files[1])
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(files[2])
	if err != nil {
		return "", err
	}
	lines := strings.Split(string(text), "\n")
	if len(lines) < 3 || lines[0] != consistencyHeader || lines[len(lines)-1] != "" {
		return "", fmt.Errorf("%s: not a file of %s with whole lines", files[2], consistencyHeader)
	}
	if sizes := fmt.Sprintf("%d %d", first.size, second.size); lines[1] != sizes {
		return "", fmt.Errorf("%s: the sizes are %q, and those of the checkpoints %q", files[2], lines[1], sizes)
	}
	path, err := parseHashes(lines[2 : len(lines)-1])
	if err != nil {
		return "", fmt.Errorf("%s: %w", files[2], err)
	}
	if err := checkTree(path, first, second); err != nil {
		return "", fmt.Errorf("size %d of the log is no continuation of size %d: %w", second.size, first.size, err)
	}
	return fmt.Sprintf("%s: size %d continues size %d", first.origin, second.size, first.size), nil
}

// checkTree is tlog.CheckTree, and knows the empty tree too, which is the beginning of every tree.
func checkTree(path tlog.TreeProof, first, second checkpoint) error {
	if first.size > second.size {
		return errors.New("the newer one is smaller")
	}
	if first.size == 0 {
		if len(path) != 0 || first.root != emptyRoot {
			return errors.New("an empty log has the empty root and an empty proof")
		}
		if second.size == 0 && second.root != emptyRoot {
			return errors.New("both are empty, and the roots differ")
		}
		return nil
	}
	return tlog.CheckTree(path, second.size, second.root, first.size, first.root)
}
