"""
What programs in other languages than Python need to run on the engine of a test.

    stand_ins        language hosts for TypeScript and Go, in place of the official ones
    hosts            what the stand-ins are
    language_server  a language host, without a language
    bare_sdk         lets such a host start quickly
    sdks             Pulumi's own binder and generators of SDKs, at work on a schema
    programs         a program in a folder, made ready to run
"""
