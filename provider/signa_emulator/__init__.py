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

Rooms, from the inside out:

    state and rules   clock, ids, settings, parameters, validation, endpoints, idempotency, rate_limit, pagination,
                      signing, sending, deliveries, faults, request_log; organization holds them all
    errors            errors: what the API refuses, with status and slug
    routes and JSON   representation, operations, pipeline, routes (/v1), control (/_emulator)
    process           wire (one HTTP connection), server, __main__
"""
