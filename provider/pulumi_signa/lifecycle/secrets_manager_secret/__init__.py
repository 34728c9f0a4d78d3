"""A secret in AWS Secrets Manager."""
