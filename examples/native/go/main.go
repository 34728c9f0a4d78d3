package main

import (
	"example.com/pulumi-signa/sdk/go/signa"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		alerts, err := signa.NewStoredWebhookEndpoint(ctx, "alerts", &signa.StoredWebhookEndpointArgs{
			Url:                pulumi.String("https://example.com/hooks/signa"),
			SecretName:         pulumi.String("signa/alerts"),
			RotationPeriodDays: pulumi.Int(90),
		})
		if err != nil {
			return err
		}
		ctx.Export("endpointId", alerts.EndpointId)
		ctx.Export("secretArn", alerts.SecretArn)
		return nil
	})
}
