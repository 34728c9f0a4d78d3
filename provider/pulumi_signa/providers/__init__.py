"""
The plugin side: one provider class a resource, run by the engine as `python -m pulumi.dynamic`.

The dotted path of each provider class is stored in users' state, so neither a module nor a class in here may be
renamed. Provider classes hold no state before `configure`, and what they need of HTTP or AWS libraries is
imported when a resource is really touched: previews and runs that change nothing do without.
"""
