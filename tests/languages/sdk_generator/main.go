// Binds a schema with Pulumi's own binder, prints what the binder says about it, and writes an SDK for each language
// into a folder: sdk-generator SCHEMA FOLDER. Exits with 1 where the binder says anything.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/blang/semver"
	gogen "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/python"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

const tool = "pulumi-signa"

var errOtherPackage = errors.New("the schema refers to another package")

// The binder takes no nil for a loader. This one knows no package.
type loader struct{}

func (loader) LoadPackage(string, *semver.Version) (*schema.Package, error) {
	return nil, errOtherPackage
}

func (loader) LoadPackageV2(context.Context, *schema.PackageDescriptor) (*schema.Package, error) {
	return nil, errOtherPackage
}

func (loader) LoadPackageReference(string, *semver.Version) (schema.PackageReference, error) {
	return nil, errOtherPackage
}

func (loader) LoadPackageReferenceV2(context.Context, *schema.PackageDescriptor) (schema.PackageReference, error) {
	return nil, errOtherPackage
}

var generators = map[string]func(*schema.Package) (map[string][]byte, error){
	"go": func(bound *schema.Package) (map[string][]byte, error) {
		return gogen.GeneratePackage(tool, bound, nil)
	},
	// As `pulumi package add` has it: an SDK in a folder of the project, which npm compiles when it is installed.
	"nodejs": func(bound *schema.Package) (map[string][]byte, error) {
		return nodejs.GeneratePackage(tool, bound, nil, nil, true, loader{})
	},
	"python": func(bound *schema.Package) (map[string][]byte, error) {
		return python.GeneratePackage(tool, bound, nil, loader{})
	},
}

func main() {
	text, err := os.ReadFile(os.Args[1])
	must(err)
	var spec schema.PackageSpec
	must(json.Unmarshal(text, &spec))
	for language, generate := range generators {
		// Bound anew each time, since a generator changes the package that it is given.
		bound, diagnostics, err := schema.BindSpec(spec, loader{}, schema.ValidationOptions{})
		for _, diagnostic := range diagnostics {
			fmt.Println(diagnostic.Summary)
		}
		must(err)
		if len(diagnostics) > 0 {
			os.Exit(1)
		}
		files, err := generate(bound)
		must(err)
		for name, content := range files {
			path := filepath.Join(os.Args[2], language, name)
			must(os.MkdirAll(filepath.Dir(path), 0o755))
			must(os.WriteFile(path, content, 0o644))
		}
	}
}

func must(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
