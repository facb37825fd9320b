// Command bee serves Bee's own HTTP API from memory, without a chain and without peers, for tests.
//
// Bee's API, storer, pusher, stamp issuer and feed lookup are the real ones. The chain and the network are small
// models: see chain.go and network.go.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	bee "github.com/ethersphere/bee/v2"
	"github.com/ethersphere/bee/v2/pkg/api"
)

// apiVersion is what Bee's own build sets for the version that go.mod requires.
const apiVersion = "8.1.0"

// listening is what is printed, as one line of JSON, once everything listens.
type listening struct {
	Version string   `json:"version"`
	Nodes   []string `json:"nodes"`
	Control string   `json:"control"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bee:", err)
		os.Exit(1)
	}
}

func run() error {
	count := flag.Int("nodes", 1, "how many nodes share the network")
	origins := flag.String("cors", "", "origins that browsers may call from, with commas between them, or *")
	version := flag.Bool("version", false, "print the version of Bee, and nothing else")
	flag.Parse()
	if flag.NArg() > 0 {
		return fmt.Errorf("there is no argument %q", flag.Arg(0))
	}
	if *count < 1 {
		return errors.New("-nodes has to be 1 or more")
	}
	bee.Version, api.Version = beeVersion(), apiVersion
	if *version {
		fmt.Println(bee.Version)
		return nil
	}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	shared := newNetwork()
	chain := newChain()
	places := listening{Version: bee.Version}
	failed := make(chan error, *count+1)
	for range *count {
		node, err := newNode(ctx, shared, chain, allowed(*origins))
		if err != nil {
			return err
		}
		url, err := serve(node, failed)
		if err != nil {
			return err
		}
		places.Nodes = append(places.Nodes, url)
	}
	var err error
	if places.Control, err = serve(newControl(shared, chain), failed); err != nil {
		return err
	}
	if err := json.NewEncoder(os.Stdout).Encode(places); err != nil {
		return err
	}

	select {
	case <-ctx.Done():
		return nil
	case err := <-failed:
		return err
	}
}

// beeVersion is the version that go.mod requires: Bee's own build sets it, and this is not Bee's own build.
func beeVersion() string {
	info, _ := debug.ReadBuildInfo()
	for _, module := range info.Deps {
		if module.Path == "github.com/ethersphere/bee/v2" {
			return strings.TrimPrefix(module.Version, "v")
		}
	}
	return "unknown"
}

func allowed(origins string) []string {
	if origins == "" {
		return nil
	}
	return strings.Split(origins, ",")
}

// serve answers requests at a port of 127.0.0.1 that the system chooses.
func serve(handler http.Handler, failed chan<- error) (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	go func() { failed <- http.Serve(listener, handler) }()
	return "http://" + listener.Addr().String(), nil
}
