"""
Signa's webhook API on localhost, for demos and for tests of clients and receivers.

It behaves as https://docs.signa.so describes: endpoints, one-time secrets, rotation with an overlap,
idempotency keys, rate limits, signed deliveries. What the documentation leaves open is decided once and
switchable (`signa_emulator.settings`). It starts empty, listens on 127.0.0.1 only, and keeps everything in
memory.

    python -m signa_emulator --port 0 --api-key sig_demo

    from signa_emulator.server import EmulatorServer
    with EmulatorServer(api_keys=["sig_demo"]) as emulator:
        requests.get(emulator.base_url + "/webhooks", headers={"Authorization": "Bearer sig_demo"}, timeout=5)

At the top is what tests, demos and command lines use:

    server, __main__   the emulator in this process, and in one of its own
    control            `/_emulator`: look at everything, steer everything
    organization       everything that is remembered, under one lock
    settings           switches
    faults             errors, delays and lost connections on demand
    clock              time that tests move
    signing            events, and the signed requests that carry them
    request_log        the calls that were made, without their secrets

Below is how the emulator does what Signa does:

    rules/        what is accepted, refused, counted and remembered
    deliveries/   how an event reaches a receiver
    api/          from a request to its answer
"""
