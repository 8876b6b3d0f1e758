"""Settings that every test shares; fixtures live in `tests/fixtures`, one file per subject."""

import os
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis.internal.conjecture.providers import HypothesisProvider
from hypothesis.internal.constants_ast import Constants

FIXTURES = Path(__file__).with_name("fixtures")
pytest_plugins = sorted(f"tests.fixtures.{path.stem}" for path in FIXTURES.glob("*.py"))

# A chain call takes milliseconds, so examples have no deadline; `chain.isolate()` undoes each one.
_COMMON = settings(
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.register_profile("quick", _COMMON, max_examples=20, stateful_step_count=15)
settings.register_profile(
    "ci", _COMMON, max_examples=60, stateful_step_count=30, derandomize=True, database=None
)
# Of a mutant it is enough that an example fails; making it small takes longer than a trial may.
settings.register_profile(
    "mutants", settings.get_profile("ci"), phases=(Phase.explicit, Phase.generate)
)
settings.register_profile("deep", _COMMON, max_examples=2_000, stateful_step_count=60)
settings.load_profile(os.environ.get("KEEL_PROFILE", "quick"))
if settings.get_current_profile_name() != "deep":
    # Hypothesis also draws the constants of our modules that happen to be imported by then: the
    # examples of derandomized tests would depend on what else ran in the same process.
    HypothesisProvider._local_constants = Constants()  # type: ignore[assignment]
