"""AWS Secrets Manager over boto3, which importing this package does not load; nothing of Pulumi or Signa."""
