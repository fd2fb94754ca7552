// Command generate makes the Go code of the .proto files with the plugins that .ci/tools.mod pins: no protoc is needed.
// With -diff it writes nothing, and fails when what is committed is not what it would write.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/bufbuild/protocompile"
	"github.com/bufbuild/protocompile/protoutil"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/pluginpb"
)

const (
	root   = "adapters/grpcapi" // what the names of the .proto files are relative to
	source = "porteiro/v1/porteiro.proto"
)

func main() {
	diff := flag.Bool("diff", false, "write nothing, and fail when a file is not current")
	flag.Parse()
	if err := generate(*diff); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func generate(diff bool) error {
	request, err := compile()
	if err != nil {
		return err
	}
	for _, plugin := range []string{"protoc-gen-go", "protoc-gen-go-grpc"} {
		answer, err := run(plugin, request)
		if err != nil {
			return err
		}
		for _, f := range answer.File {
			if err := put(filepath.Join(root, f.GetName()), []byte(f.GetContent()), diff); err != nil {
				return err
			}
		}
	}
	return nil
}

// compile reads the .proto with what it imports, as protoc would hand it to a plugin (plugin.proto).
func compile() (*pluginpb.CodeGeneratorRequest, error) {
	compiler := protocompile.Compiler{
		Resolver:       protocompile.WithStandardImports(&protocompile.SourceResolver{ImportPaths: []string{root}}),
		SourceInfoMode: protocompile.SourceInfoStandard, // comments
	}
	files, err := compiler.Compile(context.Background(), source)
	if err != nil {
		return nil, err
	}
	request := &pluginpb.CodeGeneratorRequest{FileToGenerate: []string{source}, Parameter: proto.String("paths=source_relative")}
	imports := files[0].Imports()
	for i := range imports.Len() {
		request.ProtoFile = append(request.ProtoFile, protoutil.ProtoFromFileDescriptor(imports.Get(i).FileDescriptor))
	}
	request.ProtoFile = append(request.ProtoFile, protoutil.ProtoFromFileDescriptor(protoreflect.FileDescriptor(files[0])))
	return request, nil
}

func run(plugin string, request *pluginpb.CodeGeneratorRequest) (*pluginpb.CodeGeneratorResponse, error) {
	in, err := proto.Marshal(request)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command("go", "tool", "-modfile=.ci/tools.mod", plugin)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", plugin, err)
	}
	answer := &pluginpb.CodeGeneratorResponse{}
	if err := proto.Unmarshal(out, answer); err != nil {
		return nil, fmt.Errorf("%s: %w", plugin, err)
	}
	if answer.Error != nil {
		return nil, errors.New(plugin + ": " + answer.GetError())
	}
	return answer, nil
}

func put(path string, content []byte, diff bool) error {
	if !diff {
		return os.WriteFile(path, content, 0o644)
	}
	there, err := os.ReadFile(path)
	if err == nil && !bytes.Equal(there, content) {
		err = fmt.Errorf("%s is not what its .proto says: run make generate", path)
	}
	return err
}
