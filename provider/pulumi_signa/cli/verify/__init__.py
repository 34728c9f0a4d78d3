"""
The command `verify`: whether a saved delivery is genuine, and if not, why.

`deliveries` reads what was saved, `secrets` finds what may have signed it, `alterations` undoes what receivers and
proxies do to bodies, and `judgement` says what fits.
"""
