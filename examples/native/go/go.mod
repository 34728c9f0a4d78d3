module native-go

go 1.26.6

require (
	example.com/pulumi-signa/sdk/go v0.0.0
	github.com/pulumi/pulumi/sdk/v3 v3.274.1
)

replace example.com/pulumi-signa/sdk/go => ./sdks/signa
