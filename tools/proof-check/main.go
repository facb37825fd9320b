// Command proof-check checks remote-log's signed checkpoints and tree proofs with an implementation that shares no
// code with it: the Go project's own transparency-log packages.
//
//	proof-check -key <verifier key> checkpoint <checkpoint-file>
//	proof-check -key <verifier key> note <note-file>
//	proof-check -key <verifier key> inclusion <proof-file> <leaf-data-file>
//	proof-check -key <verifier key> consistency <old-checkpoint> <new-checkpoint> <consistency-file>
//	proof-check batch <file.json>
//
// It prints one line that begins with "ok" and exits with 0, or prints the reason and exits with 1. A wrong command
// line exits with 2.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
)

const usage = `usage: proof-check -key <verifier key> checkpoint <checkpoint-file>
       proof-check -key <verifier key> note <note-file>
       proof-check -key <verifier key> inclusion <proof-file> <leaf-data-file>
       proof-check -key <verifier key> consistency <old-checkpoint> <new-checkpoint> <consistency-file>
       proof-check batch <file.json>
`

var errUsage = errors.New("wrong command line")

func main() {
	flag.Usage = func() { fmt.Fprint(os.Stderr, usage) }
	key := flag.String("key", "", "verifier key of the log: name+hash+base64")
	flag.Parse()
	line, err := run(*key, flag.Args())
	switch {
	case errors.Is(err, errUsage):
		flag.Usage()
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "proof-check:", err)
		os.Exit(1)
	}
	fmt.Println("ok", line)
}

// run carries out one command line and returns what was found to be right.
func run(key string, args []string) (string, error) {
	if len(args) == 0 {
		return "", errUsage
	}
	files := args[1:]
	if args[0] == "batch" {
		if len(files) != 1 {
			return "", errUsage
		}
		return batch(files[0])
	}
	command, known := map[string]struct {
		files int
		check func(verifier, []string) (string, error)
	}{
		"checkpoint":  {1, checkCheckpoint},
		"note":        {1, checkNote},
		"inclusion":   {2, checkInclusion},
		"consistency": {3, checkConsistency},
	}[args[0]]
	if !known || len(files) != command.files || key == "" {
		return "", errUsage
	}
	verify, err := newVerifier(key)
	if err != nil {
		return "", err
	}
	return command.check(verify, files)
}
