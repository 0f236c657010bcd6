"""What holds for every test."""

from hypothesis import HealthCheck, settings

# A machine that is busy is no bug: time limits that matter are asserted by the tests themselves.
settings.register_profile("unhijack", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhijack")
