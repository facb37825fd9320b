package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// A checkpoint is what a log signs: its name, the number of its leaves, their root.
type checkpoint struct {
	origin string
	size   int64
	root   tlog.Hash
}

type verifier struct{ note.Verifier }

func newVerifier(key string) (verifier, error) {
	verify, err := note.NewVerifier(key)
	if err != nil {
		return verifier{}, fmt.Errorf("the verifier key can't be read: %w", err)
	}
	return verifier{verify}, nil
}

// open checks the signature of a checkpoint (C2SP signed-note, tlog-checkpoint) and reads it. The origin must be
// the name of the key.
func (v verifier) open(signed []byte) (checkpoint, error) {
	opened, err := note.Open(signed, note.VerifierList(v))
	if err != nil {
		return checkpoint{}, fmt.Errorf("the checkpoint is not signed by %s: %w", v.Name(), err)
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return checkpoint{}, errors.New("the text of the checkpoint is not origin, size and root on a line each")
	}
	if lines[0] != v.Name() {
		return checkpoint{}, fmt.Errorf("the checkpoint is of %q, and the key of %q", lines[0], v.Name())
	}
	size, err := parseNumber(lines[1])
	if err != nil {
		return checkpoint{}, fmt.Errorf("the size in the checkpoint: %w", err)
	}
	root, err := parseHash(lines[2])
	if err != nil {
		return checkpoint{}, fmt.Errorf("the root in the checkpoint: %w", err)
	}
	if size == 0 && root != emptyRoot {
		return checkpoint{}, errors.New("the checkpoint gives an empty log a root that is not the empty one")
	}
	return checkpoint{lines[0], size, root}, nil
}

func (v verifier) openFile(path string) (checkpoint, error) {
	signed, err := os.ReadFile(path)
	if err != nil {
		return checkpoint{}, err
	}
	found, err := v.open(signed)
	if err != nil {
		return checkpoint{}, fmt.Errorf("%s: %w", path, err)
	}
	return found, nil
}

func checkCheckpoint(verify verifier, files []string) (string, error) {
	found, err := verify.openFile(files[0])
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("checkpoint of %s: size %d, root %s", found.origin, found.size, found.root), nil
}

// checkNote checks the signature of any note (C2SP signed-note) whose first line is the name of the key.
func checkNote(verify verifier, files []string) (string, error) {
	signed, err := os.ReadFile(files[0])
	if err != nil {
		return "", err
	}
	opened, err := note.Open(signed, note.VerifierList(verify))
	if err != nil {
		return "", fmt.Errorf("%s: the note is not signed by %s: %w", files[0], verify.Name(), err)
	}
	if first, _, _ := strings.Cut(opened.Text, "\n"); first != verify.Name() {
		return "", fmt.Errorf("%s: the note is of %q, and the key of %q", files[0], first, verify.Name())
	}
	return fmt.Sprintf("note of %s: %d lines", verify.Name(), strings.Count(opened.Text, "\n")), nil
}

// parseNumber reads a decimal number in its one canonical form.
func parseNumber(text string) (int64, error) {
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil || number < 0 || strconv.FormatInt(number, 10) != text {
		return 0, fmt.Errorf("%q is not a whole number in decimal", text)
	}
	return number, nil
}

// parseHash reads the base64 of 32 bytes in its one canonical form.
func parseHash(text string) (tlog.Hash, error) {
	hash, err := tlog.ParseHash(text)
	if err != nil || hash.String() != text {
		return tlog.Hash{}, fmt.Errorf("%q is not the base64 of 32 bytes", text)
	}
	return hash, nil
}

func parseHashes(lines []string) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(lines))
	for i, line := range lines {
		hash, err := parseHash(line)
		if err != nil {
			return nil, fmt.Errorf("hash %d: %w", i, err)
		}
		hashes[i] = hash
	}
	return hashes, nil
}
