"""Play the demo: exit 0 when every step has proved what it must, 1 at the first that has not."""

import os
import signal
import sys
import time

from demo import encore, stage, story
from demo.page import Page


def main() -> int:
    """Play every step, in order."""
    # Whatever ends the demo must stop its servers, as Ctrl-C does.
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, signal.default_int_handler)
    page = Page(full=os.environ.get("DEMO") == "full")
    begun_at = time.monotonic()
    page.say(
        "The main job, end to end: Pulumi's engine is a real one; Signa, AWS Secrets Manager and a receiver of alerts "
        f"are local servers on 127.0.0.1. It takes {len(story.STEPS)} steps and less than a minute:"
    )
    titles = [(step.__doc__ or "").rstrip(".") for step in story.STEPS]
    page.code("\n".join(f"{number:2}  {title}" for number, title in enumerate(titles, start=1)))
    page.say(
        "PROVED marks what was checked, and not only printed. `make demo DEMO=full` shows all that Pulumi says; "
        "`make demo KEEP=1` leaves everything running afterwards, for you to play with."
    )
    try:
        with stage.set_up(page) as set_stage:
            for number, (title, step) in enumerate(zip(titles, story.STEPS, strict=True), start=1):
                page.title(f"{number}. {title}")
                step(set_stage)
            page.title(f"All {len(story.STEPS)} steps proved what they must, in {time.monotonic() - begun_at:.0f} s")
            if os.environ.get("KEEP") == "1":
                encore.play(set_stage)
    except stage.DemoFailedError as error:
        print(f"\nFAILED  {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped; nothing is left running", file=sys.stderr)
        return 130
    page.say("Everything is stopped and removed.")
    return 0


sys.exit(main())
