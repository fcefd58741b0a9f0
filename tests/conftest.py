"""How many examples the property tests try: on the build machine fewer, the same ones each time.

HYPOTHESIS_PROFILE=thorough tries a thousand of each; elsewhere it is hypothesis' own hundred, new ones every time.  No
example has a deadline: a machine that is busy with other things fails no test.
"""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("gate", parent=settings.get_profile("ci"), max_examples=30)
settings.register_profile("thorough", max_examples=1000, deadline=None)
settings.register_profile("usual", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("gate" if os.environ.get("CI") == "true" else "usual"))
