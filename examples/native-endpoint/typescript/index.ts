import * as signa from "@pulumi/signa";

const alerts = new signa.WebhookEndpoint("alerts", {
    url: "https://example.com/hooks/signa",
    metadata: { team: "brand" },
    rotationPeriodDays: 90,
});
new signa.SecretsManagerSecret("stored", {
    secretName: "signa/alerts",
    secretString: alerts.secret,
});

export const endpointId = alerts.id;
export const secretVersion = alerts.secretVersion;
