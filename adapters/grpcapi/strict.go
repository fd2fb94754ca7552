package grpcapi

import (
	"google.golang.org/grpc/encoding"
	protocodec "google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	porteirov1 "github.com/porteiro/porteiro/adapters/grpcapi/porteiro/v1"
)

// strict is gRPC's own codec, but that a request of ours that cannot be read comes through as one that holds what is
// unknown here: the server would otherwise call it a fault of its own, before anybody is asked.
type strict struct{ encoding.CodecV2 }

func newStrict() strict { return strict{encoding.GetCodecV2(protocodec.Name)} }

func (s strict) Unmarshal(data mem.BufferSlice, v any) error {
	err := s.CodecV2.Unmarshal(data, v)
	if m, is := v.(proto.Message); err != nil && is && ours(m) {
		proto.Reset(m)
		m.ProtoReflect().SetUnknown(protowire.AppendVarint(protowire.AppendTag(nil, protowire.MaxValidNumber, protowire.VarintType), 0))
		return nil
	}
	return err
}

// understood reports whether everything in a request is known here, where the request is one of ours. Whoever asks for
// more than this server knows must not be answered as if they had not. No request has another message in it.
func understood(request any) bool {
	m, is := request.(proto.Message)
	return !is || !ours(m) || len(m.ProtoReflect().GetUnknown()) == 0
}

func ours(m proto.Message) bool {
	return m.ProtoReflect().Descriptor().ParentFile() == porteirov1.File_porteiro_v1_porteiro_proto
}
