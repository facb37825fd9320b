// Command tlog-check checks cosigned checkpoints and tiled logs with the clients of the transparency-dev project, which share no code with
// remote-log.
//
//	tlog-check -log <verifier key> -cosigner <verifier key> checkpoint <file>
//	tlog-check -log <verifier key> [-cosigner <verifier key>] tiles <url> [<size of an earlier state>]
//	tlog-check cosign <file with the secret key> <file with a checkpoint>
//
// The first checks the signature of the log and that of the cosigner. The second reads a tiled log (C2SP tlog-tiles) from the first entry to
// the last: its checkpoint, its tiles, its entries. The third prints the checkpoint with a signature of the key, made by the Go code. Each
// prints one line that begins with "ok", but for the third, and exits with 0; or prints the reason and exits with 1.
package main

import (
	"context"
	"crypto/sha256"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/transparency-dev/formats/log"
	fnote "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/client"
	"golang.org/x/mod/sumdb/note"
)

func main() {
	logKey := flag.String("log", "", "verifier key of the log")
	cosigner := flag.String("cosigner", "", "verifier key of a cosigner")
	flag.Parse()
	line, err := run(*logKey, *cosigner, flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, "tlog-check:", err)
		os.Exit(1)
	}
	fmt.Println(line)
}

func run(logKey, cosigner string, args []string) (string, error) {
	if len(args) < 2 {
		return "", fmt.Errorf("usage: tlog-check [-log <key>] [-cosigner <key>] checkpoint|tiles|cosign <argument>")
	}
	switch args[0] {
	case "checkpoint":
		raw, err := os.ReadFile(args[1])
		if err != nil {
			return "", err
		}
		found, when, err := open(raw, logKey, cosigner)
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("ok checkpoint of %s: size %d, cosigned at %d", found.Origin, found.Size, when.Unix()), nil
	case "tiles":
		return tiles(logKey, cosigner, args[1:])
	case "cosign":
		return cosign(args[1:])
	}
	return "", fmt.Errorf("there is no command %q", args[0])
}

// open checks the signature of the log and, if one is named, that of the cosigner.
func open(raw []byte, logKey, cosigner string) (*log.Checkpoint, time.Time, error) {
	var when time.Time
	verifier, err := note.NewVerifier(logKey)
	if err != nil {
		return nil, when, fmt.Errorf("the key of the log: %w", err)
	}
	var others []note.Verifier
	if cosigner != "" {
		other, err := fnote.NewVerifierForCosignatureV1(cosigner)
		if err != nil {
			return nil, when, fmt.Errorf("the key of the cosigner: %w", err)
		}
		others = append(others, other)
	}
	found, _, opened, err := log.ParseCheckpoint(raw, verifier.Name(), verifier, others...)
	if err != nil {
		return nil, when, err
	}
	if len(opened.Sigs) != 1+len(others) {
		return nil, when, fmt.Errorf("%d signatures are good, and not %d", len(opened.Sigs), 1+len(others))
	}
	for _, one := range opened.Sigs {
		if len(others) > 0 && one.Name == others[0].Name() {
			if when, err = fnote.CoSigV1Timestamp(one); err != nil {
				return nil, when, err
			}
		}
	}
	return found, when, nil
}

func tiles(logKey, cosigner string, args []string) (string, error) {
	ctx := context.Background()
	root, err := url.Parse(strings.TrimSuffix(args[0], "/") + "/")
	if err != nil {
		return "", err
	}
	fetcher, err := client.NewHTTPFetcher(root, http.DefaultClient)
	if err != nil {
		return "", err
	}
	raw, err := fetcher.ReadCheckpoint(ctx)
	if err != nil {
		return "", fmt.Errorf("the checkpoint: %w", err)
	}
	found, _, err := open(raw, logKey, cosigner)
	if err != nil {
		return "", fmt.Errorf("the checkpoint: %w", err)
	}
	builder, err := client.NewProofBuilder(ctx, found.Size, fetcher.ReadTile)
	if err != nil {
		return "", fmt.Errorf("the tiles: %w", err)
	}
	hasher := rfc6962.DefaultHasher
	tree := (&compact.RangeFactory{Hash: hasher.HashChildren}).NewEmptyRange(0)
	var entries uint64
	for index := uint64(0); index*256 < found.Size; index++ {
		bundle, err := client.GetEntryBundle(ctx, fetcher.ReadEntryBundle, index, found.Size)
		if err != nil {
			return "", fmt.Errorf("entry bundle %d: %w", index, err)
		}
		for _, entry := range bundle.Entries {
			if len(entry) != 2*sha256.Size {
				return "", fmt.Errorf("entry %d has %d bytes", entries, len(entry))
			}
			leaf := hasher.HashLeaf(entry)
			path, err := builder.InclusionProof(ctx, entries)
			if err != nil {
				return "", fmt.Errorf("entry %d: %w", entries, err)
			}
			if err := proof.VerifyInclusion(hasher, entries, found.Size, leaf, path, found.Hash); err != nil {
				return "", fmt.Errorf("entry %d: %w", entries, err)
			}
			if err := tree.Append(leaf, nil); err != nil {
				return "", err
			}
			entries++
		}
	}
	got, err := tree.GetRootHash(nil)
	if err != nil {
		return "", err
	}
	if found.Size > 0 && string(got) != string(found.Hash) {
		return "", fmt.Errorf("the entries do not add up to the root that was signed")
	}
	if len(args) > 1 {
		earlier, err := strconv.ParseUint(args[1], 10, 64)
		if err != nil {
			return "", err
		}
		if _, err := builder.ConsistencyProof(ctx, earlier, found.Size); err != nil {
			return "", fmt.Errorf("from %d to %d entries: %w", earlier, found.Size, err)
		}
	}
	return fmt.Sprintf("ok log %s: %d entries", found.Origin, entries), nil
}

func cosign(args []string) (string, error) {
	if len(args) != 2 {
		return "", fmt.Errorf("usage: tlog-check cosign <file with the secret key> <file with a checkpoint>")
	}
	secret, err := os.ReadFile(args[0])
	if err != nil {
		return "", err
	}
	signer, err := fnote.NewSignerForCosignatureV1(strings.TrimSpace(string(secret)))
	if err != nil {
		return "", err
	}
	raw, err := os.ReadFile(args[1])
	if err != nil {
		return "", err
	}
	text, _, found := strings.Cut(string(raw), "\n\n")
	if !found {
		return "", fmt.Errorf("%s is no signed note", args[1])
	}
	signed, err := note.Sign(&note.Note{Text: text + "\n"}, signer)
	if err != nil {
		return "", err
	}
	lines := strings.SplitN(string(signed), "\n\n", 2)
	return strings.TrimSuffix(string(raw)+lines[1], "\n"), nil
}
