"""
The first host: Pulumi's dynamic providers, one class a resource, run by the engine as `python -m pulumi.dynamic`.

The dotted path of each provider class is stored in users' state, so neither a module nor a class in here may be
renamed. The classes are adapters; what happens to a resource is decided in `pulumi_signa.lifecycle`.
"""
