package main

import (
	"example.com/pulumi-signa/sdk/go/signa"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		alerts, err := signa.NewWebhookEndpoint(ctx, "alerts", &signa.WebhookEndpointArgs{
			Url:                pulumi.String("https://example.com/hooks/signa"),
			Metadata:           pulumi.Map{"team": pulumi.String("brand")},
			RotationPeriodDays: pulumi.Int(90),
		})
		if err != nil {
			return err
		}
		_, err = signa.NewSecretsManagerSecret(ctx, "stored", &signa.SecretsManagerSecretArgs{
			SecretName:   pulumi.String("signa/alerts"),
			SecretString: alerts.Secret,
		})
		if err != nil {
			return err
		}
		ctx.Export("endpointId", alerts.ID())
		ctx.Export("secretVersion", alerts.SecretVersion)
		return nil
	})
}
