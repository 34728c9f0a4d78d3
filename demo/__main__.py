"""Play the demo: exit 0 when every step has proved what it must, 1 at the first that has not."""

import sys

from demo import stage, story


def main() -> int:
    """Play every step, in order."""
    print(
        "The main job on servers of our own: a Signa emulator, a local AWS Secrets\n"
        "Manager and a receiver, all on 127.0.0.1. The Pulumi engine is a real one.",
        flush=True,
    )
    try:
        with stage.set_up() as set_stage:
            for number, step in enumerate(story.STEPS, start=1):
                title = f"{number}. {step.__doc__}"
                print(f"\n\n{title}\n{'=' * min(len(title), stage.COLUMNS)}", flush=True)
                step(set_stage)
    except stage.DemoFailedError as error:
        print(f"\nFAILED  {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped; nothing is left running", file=sys.stderr)
        return 130
    print(f"\n\nAll {len(story.STEPS)} steps proved what they must. Everything is stopped and removed.")
    return 0


sys.exit(main())
