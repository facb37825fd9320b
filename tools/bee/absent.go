package main

import (
	"net/http"
	"strings"

	"github.com/ethersphere/bee/v2/pkg/jsonhttp"
)

// absent are the parts of Bee's API that need what is not here: a chequebook, peers that are paid, a stake, a reserve,
// and files of a node. Without any of that, Bee's own code for them breaks off in the middle, or tells of nothing.
var absent = []string{
	"accounting", "balances", "chequebook", "consumed", "pingpong", "pins/check", "rchash", "redistributionstate",
	"settlements", "stake", "status/neighborhoods", "timesettlements", "transactions",
}

// withoutAbsent answers 501 for those, and leaves everything else to the node.
func withoutAbsent(node http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, "/v1"), "/") + "/"
		for _, part := range absent {
			if strings.HasPrefix(path, part+"/") {
				jsonhttp.NotImplemented(w, "this node has no "+part)
				return
			}
		}
		node.ServeHTTP(w, r)
	})
}
