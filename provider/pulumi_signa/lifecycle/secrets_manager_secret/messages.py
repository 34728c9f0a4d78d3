"""What users read about a secret in Secrets Manager: what has happened or is wrong, and what to do."""

_LACKING = "an output that the referenced stack lacks, or a resource that this run leaves out"
NO_NAME = f"secret_name has no value: the output it comes from is null ({_LACKING})"
NO_VALUE = (
    "secret_string has no value, nor has secret_json: the output it comes from is null (secret_status unknown, "
    f"{_LACKING})"
)

NAME_IS_TAKEN = (
    "a secret named {name} exists already: choose another secret_name, or set adopt_existing=True to put a new version "
    "into it (its value becomes AWSPREVIOUS, and destroying this resource deletes it)"
)
TOOK_OVER = "took over {arn}, written by a run that ended before its state was saved"
RESTORED = "restored {arn}, which was scheduled for deletion, and put the new value into it"
GONE_AT_UPDATE = (
    "{arn} no longer exists, or is scheduled for deletion: run `pulumi refresh`, and the next `pulumi up` creates or "
    "restores it"
)
KEPT = "kept {arn}: what replaces it is the same secret"
EVERY_VERSION_USED = (
    "{number} versions in a row of {arn} were written before, and none is current: is AWS_ENDPOINT_URL_SECRETS_MANAGER "
    "AWS itself?"
)
