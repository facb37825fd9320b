package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"

	"github.com/ethersphere/bee/v2/pkg/swarm"
)

// newControl is how a test breaks the network and moves the chain:
//
//	PUT  /faults          sets all faults; what is left out is off
//	POST /blocks?count=N  lets N blocks pass
//	PUT  /hold?held=true  keeps the chain from moving when a batch is bought
//	POST /forget/ADDRESS  drops a chunk from the network; nodes that have cached it keep it
//	GET  /counts          how many chunks the network has, and how many pushes were made
func newControl(net *network, chain *chain) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /faults", func(w http.ResponseWriter, r *http.Request) {
		wanted, err := readFaults(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		net.setFaults(wanted)
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("POST /blocks", func(w http.ResponseWriter, r *http.Request) {
		count, err := strconv.ParseUint(r.URL.Query().Get("count"), 10, 32)
		if err == nil {
			err = chain.advance(count)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("PUT /hold", func(w http.ResponseWriter, r *http.Request) {
		held, err := strconv.ParseBool(r.URL.Query().Get("held"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		chain.hold(held)
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("POST /forget/{address}", func(w http.ResponseWriter, r *http.Request) {
		address, err := swarm.ParseHexAddress(r.PathValue("address"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if !net.forget(address) {
			http.Error(w, "the network does not have it", http.StatusNotFound)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /counts", func(w http.ResponseWriter, _ *http.Request) {
		chunks, pushes := net.counts()
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]int{"chunks": chunks, "pushes": pushes})
	})
	return mux
}

// readFaults takes one JSON object, whose names are all known.
func readFaults(body io.Reader) (wanted faults, err error) {
	decoder := json.NewDecoder(body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&wanted); err != nil {
		return wanted, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return wanted, errors.New("there is something behind the object")
	}
	return wanted, wanted.check()
}
