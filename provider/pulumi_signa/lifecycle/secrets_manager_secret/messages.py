"""What users read about a secret in Secrets Manager: what has happened or is wrong, and what to do."""

_LACKING = "an output that the referenced stack lacks, or a resource that this run leaves out"
NO_NAME = f"secret_name has no value: the output it comes from is null ({_LACKING})"
NO_VALUE = (
    "secret_string has no value, nor has secret_json: the output it comes from is null (the secret of an endpoint "
    "whose secret_status is unknown: change its rotate_trigger, or set its on_stale_secret to rotate; "
    f"{_LACKING})"
)
NO_VALUE_AFTER_NONE = (
    f"{NO_VALUE}, or ignore_changes keeps the last run's value, which was none; then take it out of ignore_changes for "
    "one `pulumi up`"
)

NAME_IS_TAKEN = (
    "a secret named {name} exists already: choose another secret_name, or set adopt_existing, which puts a new version "
    "into it (its value becomes AWSPREVIOUS, and destroying this resource deletes it)"
)
NAME_IS_TAKEN_WITHOUT_VALUE = (
    "a secret named {name} exists already: choose another secret_name, or set adopt_existing, which takes it over (its "
    "value stays, and destroying this resource deletes it)"
)
TOOK_OVER = "took over {arn}, which this resource wrote before"
RESTORED = "restored {arn}, which was scheduled for deletion, and put the new value into it"
RESTORED_WITHOUT_VALUE = "restored {arn}, which was scheduled for deletion, with the versions that it had"
GONE_AT_UPDATE = (
    "{arn} no longer exists, or is scheduled for deletion: run `pulumi refresh`, and the next `pulumi up` creates or "
    "restores it"
)
KEPT = "kept {arn}: what replaces it is the same secret"
EVERY_VERSION_USED = (
    "{number} versions in a row of {arn} were written before, and none is current: is AWS_ENDPOINT_URL_SECRETS_MANAGER "
    "AWS itself?"
)
NO_ARN = (
    "{id!r} is not the ARN of a secret, which looks like arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-AbCdEf: "
    "`aws secretsmanager describe-secret --secret-id NAME` shows it"
)
ABSENT = "{arn} does not exist: check the ARN, and whose account the AWS credentials are of"
ON_ITS_WAY_OUT = (
    "{arn} is scheduled for deletion: restore it (`aws secretsmanager restore-secret`), or read another one"
)
OVERWRITTEN = (
    "{arn} holds version {version_id}, which this stack did not write: the next `pulumi up` puts its own, unless "
    "ignore_changes names {value}"
)
VALUE_IS_IGNORED = (
    "{value} of {name} stands for a value that is never read, because ignore_changes keeps what the last refresh "
    "found: take {value} out of ignore_changes, and run `pulumi up` again"
)
REPLICA_FAILED = (
    "the replica of {arn} in {region} failed: {reason}; mend the cause, then take {region} out of replica_regions, run "
    "`pulumi up`, and put it in again"
)
PUTS_VALUE = "puts the declared value in place of version {version_id}, whose value this stack does not know"
PUTS_VALUE_OVER_OTHERS = "puts the declared value in place of the one that others have written, if any"
