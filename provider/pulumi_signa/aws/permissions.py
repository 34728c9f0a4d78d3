"""The permissions that the policy of a deployment names, and nothing beyond; a test holds them to the calls made."""

ACTIONS = (
    "secretsmanager:CreateSecret",
    "secretsmanager:DeleteSecret",
    "secretsmanager:DescribeSecret",
    "secretsmanager:ListSecretVersionIds",
    "secretsmanager:PutSecretValue",
    "secretsmanager:RestoreSecret",
    "secretsmanager:TagResource",
    "secretsmanager:UntagResource",
    "secretsmanager:UpdateSecret",
    "secretsmanager:UpdateSecretVersionStage",
)
"""What every stack with a `SecretsManagerSecret` needs."""

REPLICATION_ACTIONS = ("secretsmanager:RemoveRegionsFromReplication", "secretsmanager:ReplicateSecretToRegions")
"""What `replica_regions` need besides."""
