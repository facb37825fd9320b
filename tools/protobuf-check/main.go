// Command protobuf-check decodes messages, and encodes them again, with the Go project's own Protocol Buffers, which share no code
// with remote-log.
//
//	protobuf-check <file.json>
//
// It reads a JSON object with "file", a FileDescriptorProto in the JSON of Protocol Buffers, and "messages", each with the name of its
// "type" and its "bytes" in base64. It prints a JSON array with the "message" that each is, and the "bytes" that it is encoded to again.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

type encoded struct {
	Type  string `json:"type"`
	Bytes []byte `json:"bytes"`
}

type decoded struct {
	Message json.RawMessage `json:"message"`
	Bytes   []byte          `json:"bytes"`
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: protobuf-check <file.json>")
		os.Exit(2)
	}
	found, err := check(os.Args[1])
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(found)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "protobuf-check:", err)
		os.Exit(1)
	}
}

func check(path string) ([]decoded, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var given struct {
		File     json.RawMessage `json:"file"`
		Messages []encoded       `json:"messages"`
	}
	if err := json.Unmarshal(text, &given); err != nil {
		return nil, err
	}
	var file descriptorpb.FileDescriptorProto
	if err := protojson.Unmarshal(given.File, &file); err != nil {
		return nil, err
	}
	types, err := protodesc.NewFile(&file, nil)
	if err != nil {
		return nil, err
	}
	found := []decoded{}
	for i, one := range given.Messages {
		kind := types.Messages().ByName(protoreflect.Name(one.Type))
		if kind == nil {
			return nil, fmt.Errorf("message %d: there is no type %q", i, one.Type)
		}
		message := dynamicpb.NewMessage(kind)
		if err := proto.Unmarshal(one.Bytes, message); err != nil {
			return nil, fmt.Errorf("message %d: %w", i, err)
		}
		if unknown := message.GetUnknown(); len(unknown) > 0 {
			return nil, fmt.Errorf("message %d: %d bytes are of fields that its type does not have", i, len(unknown))
		}
		shown, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(message)
		if err != nil {
			return nil, err
		}
		again, err := proto.MarshalOptions{Deterministic: true}.Marshal(message)
		if err != nil {
			return nil, err
		}
		found = append(found, decoded{shown, again})
	}
	return found, nil
}
