"""After the last step: the servers stay, and somebody plays with them."""

import time

from demo.stage import Stage, exports

_LOOK_S = 0.2


def play(stage: Stage) -> None:
    """Print how to reach the servers, and each delivery that the receiver gets, until Ctrl-C."""
    stage.restore_program()
    stage.receiver.accepted.clear()
    stage.receiver.rejected.clear()
    stage.page.say("The servers stay until you press Ctrl-C. In another terminal, paste this:")
    stage.page.code(exports(stage))
    stage.page.say("and try two commands: make the endpoint, and let Signa send an alert to it.")
    stage.page.code(
        f"pulumi up\ncurl -X POST {stage.signa.control_url}/events \\\n  -H 'Content-Type: application/json' -d '{{}}'"
    )
    stage.page.say("What the receiver gets shows here:")
    accepted, rejected = stage.receiver.accepted, stage.receiver.rejected
    try:
        while True:
            while accepted:
                delivery = accepted.pop(0)
                stage.page.code(f"accepted {delivery.type} {delivery.id}")
            while rejected:
                stage.page.code(f"turned away {rejected.pop(0)}")
            time.sleep(_LOOK_S)
    except KeyboardInterrupt:
        return
