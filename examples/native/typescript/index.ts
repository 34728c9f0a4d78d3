import * as signa from "@pulumi/signa";

const alerts = new signa.StoredWebhookEndpoint("alerts", {
    url: "https://example.com/hooks/signa",
    secretName: "signa/alerts",
    rotationPeriodDays: 90,
});

export const endpointId = alerts.endpointId;
export const secretArn = alerts.secretArn;
