// Pulumi's language host for Python, as far as a stack needs it: the engine starts it to run a Python program.
//
// The official CLI ships an executable of this name, whose module is not published. This one answers what previews,
// updates, refreshes, destroys, `pulumi new`, `pulumi install` and `pulumi about` ask; what package authors need it
// leaves out. Pulumi's own packages find Python, and make virtual environments with pip, uv or poetry.
//
// The protocol: the engine starts the host with its own address as the last argument, reads the port of the service
// from the first line of output, and ends the host with SIGINT. Further output is the program's and reaches the user.
//
// Source: https://github.com/pulumi/pulumi/blob/master/proto/pulumi/language.proto
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
)

// How a program exits when Pulumi's SDK has shown the error to the user itself.
const exitShown = 32

const parentPoll = time.Second

type host struct {
	pulumirpc.UnimplementedLanguageRuntimeServer
	engineAddress string
}

// Greets the engine, which says nothing here that Run does not repeat.
func (host) Handshake(context.Context, *pulumirpc.LanguageHandshakeRequest) (
	*pulumirpc.LanguageHandshakeResponse, error,
) {
	return &pulumirpc.LanguageHandshakeResponse{}, nil
}

// Gives no version: the host is part of a checkout.
func (host) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{}, nil
}

// Announces no plugin: a dynamic provider needs none, and others the engine meets as the program runs.
func (host) GetRequiredPackages(context.Context, *pulumirpc.GetRequiredPackagesRequest) (
	*pulumirpc.GetRequiredPackagesResponse, error,
) {
	return &pulumirpc.GetRequiredPackagesResponse{}, nil
}

// Names the Python that the program would run on. The engine asks in every command, and Pulumi's own answer starts pip.
func (host) About(ctx context.Context, request *pulumirpc.AboutRequest) (*pulumirpc.AboutResponse, error) {
	python, err := pythonOf(request.GetInfo())
	if err != nil {
		return nil, failed(err)
	}
	command, err := python.Command(ctx, "--version")
	if err != nil {
		return nil, failed(err)
	}
	printed, err := command.Output()
	if err != nil {
		return nil, failed(err)
	}
	version := strings.TrimSpace(strings.TrimPrefix(string(printed), "Python "))
	return &pulumirpc.AboutResponse{Executable: command.Path, Version: version}, nil
}

// Makes the program's virtual environment, installs what the program declares, and passes on what is printed.
func (host) InstallDependencies(
	request *pulumirpc.InstallDependenciesRequest, stream pulumirpc.LanguageRuntime_InstallDependenciesServer,
) error {
	python, err := pythonOf(request.GetInfo())
	if err != nil {
		return failed(err)
	}
	folder, printed := request.GetInfo().GetProgramDirectory(), &output{stream: stream}
	err = python.InstallDependencies(
		stream.Context(), folder, request.GetUseLanguageVersionTools(), true, printed, printed)
	if err != nil {
		// Further lines repeat what was printed.
		line, _, _ := strings.Cut(err.Error(), "\n")
		return failed(fmt.Errorf("cannot install what the program needs: %s", line))
	}
	return nil
}

// Runs the program to its end; what it prints goes to the engine, which shows it.
func (h host) Run(ctx context.Context, request *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	command, err := h.command(ctx, request)
	if err != nil {
		return &pulumirpc.RunResponse{Error: oneLine(err)}, nil
	}
	err = command.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return &pulumirpc.RunResponse{}, nil
	case !errors.As(err, &exit):
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("cannot start the program: %s", err)}, nil
	case exit.ExitCode() == exitShown:
		return &pulumirpc.RunResponse{Bail: true}, nil
	default:
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("the program ended with %s", exit)}, nil
	}
}

// Returns what runs the program. The command ends with the call, and so with the engine's connection.
func (h host) command(ctx context.Context, request *pulumirpc.RunRequest) (*exec.Cmd, error) {
	// The engine starts the host by the link beside itself, and the script lies there too.
	script, err := exec.LookPath(os.Args[0] + "-exec")
	if err != nil {
		return nil, fmt.Errorf("there is no %s-exec; run `make setup` of pulumi-signa", os.Args[0])
	}
	python, err := pythonOf(request.GetInfo())
	if err != nil {
		return nil, err
	}
	// Unbuffered, so that the user sees a line when it is printed.
	arguments := append([]string{
		"-u", script,
		"--monitor=" + request.GetMonitorAddress(),
		"--engine=" + h.engineAddress,
		"--project=" + request.GetProject(),
		"--stack=" + request.GetStack(),
		"--organization=" + request.GetOrganization(),
		"--root_directory=" + request.GetInfo().GetRootDirectory(),
		"--pwd=" + request.GetPwd(),
		"--dry_run=" + strconv.FormatBool(request.GetDryRun()),
		"--parallel=" + strconv.Itoa(int(request.GetParallel())),
		request.GetInfo().GetEntryPoint(),
	}, request.GetArgs()...)
	command, err := python.Command(ctx, arguments...)
	if err != nil {
		return nil, err
	}
	// After the command, with which uv makes the environment.
	if python.ValidateVenv(ctx) != nil {
		folder, err := python.VirtualEnvPath(ctx)
		if err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("%s is no virtual environment; run `pulumi install`", folder)
	}
	// Copies, because the SDK takes no null for what is empty.
	config, secretKeys := map[string]string{}, append([]string{}, request.GetConfigSecretKeys()...)
	maps.Copy(config, request.GetConfig())
	command.Dir = request.GetPwd()
	command.Env = append(command.Environ(),
		"PULUMI_CONFIG="+encoded(config), "PULUMI_CONFIG_SECRET_KEYS="+encoded(secretKeys))
	// The program stays in the process group of the host: the SIGINT with which the engine ends the host reaches it too.
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	return command, nil
}

func pythonOf(info *pulumirpc.ProgramInfo) (toolchain.Toolchain, error) {
	options := info.GetOptions().AsMap()
	python := toolchain.PythonOptions{Root: info.GetRootDirectory(), ProgramDir: info.GetProgramDirectory()}
	if folder := options["virtualenv"]; folder != nil {
		python.Virtualenv = fmt.Sprint(folder)
	}
	switch name := options["toolchain"]; name {
	case nil:
		python.Toolchain = toolchain.Auto
	case "pip":
		python.Toolchain = toolchain.Pip
	case "uv":
		python.Toolchain = toolchain.Uv
	case "poetry":
		python.Toolchain = toolchain.Poetry
	default:
		return nil, fmt.Errorf("toolchain %v in Pulumi.yaml is none of pip, uv and poetry", name)
	}
	return toolchain.ResolveToolchain(python)
}

// What an installation prints. Its commands write in two goroutines, and a stream takes one message at a time.
type output struct {
	sync.Mutex
	stream pulumirpc.LanguageRuntime_InstallDependenciesServer
}

func (o *output) Write(printed []byte) (int, error) {
	o.Lock()
	defer o.Unlock()
	return len(printed), o.stream.Send(&pulumirpc.InstallDependenciesResponse{Stdout: printed})
}

func encoded(value any) string {
	text, _ := json.Marshal(value)
	return string(text)
}

func oneLine(err error) string {
	return strings.Join(strings.Fields(err.Error()), " ")
}

func failed(err error) error {
	return status.Error(codes.FailedPrecondition, oneLine(err))
}

// Serves until the engine ends this process, or is gone itself.
func main() {
	engine := os.Getppid()
	// Where the engine runs in the background of a script, SIGINT is ignored, and Notify takes it all the same.
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt)

	var server *grpc.Server
	// Pulumi listens on 127.0.0.1 only, and takes messages of up to 400 MB, as its engine does.
	served, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Init: func(made *grpc.Server) error {
			server = made
			pulumirpc.RegisterLanguageRuntimeServer(made, host{engineAddress: os.Args[len(os.Args)-1]})
			return nil
		},
		// The end of the server ends each call, a call its program, and this process waits for both.
		Options: []grpc.ServerOption{grpc.WaitForHandlers(true)},
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer server.Stop()
	fmt.Println(served.Port)

	// A killed engine ends nobody; but its orphans get another parent, and that can be seen.
	for os.Getppid() == engine {
		select {
		case <-interrupted:
			return
		case <-time.After(parentPoll):
		}
	}
}
