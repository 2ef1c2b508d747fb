"""Settles what there is to test with before any test runs, and says what is left out."""
import os
import shutil
import sys

import pytest

sys.path.insert(0, os.path.dirname(__file__))
sys.path.insert(1, os.path.join(os.path.dirname(__file__), "../../Sources/Python"))

import corpora
import tool


def pytest_configure(config):
    missing = [str(p) for p in corpora.PYTHON.values() if not p.exists()]
    if not os.path.exists(tool.BINARY):
        missing.append(f"{tool.BINARY} (swift build -c release, or COPPICE=…)")
    if not shutil.which("time"):
        missing.append("GNU time, by which peak memory is measured (Debian: time)")
    if missing:
        raise pytest.UsageError("missing: " + ", ".join(missing) + ". Run Tests/Ecosystem/setup first")
    if not corpora.HAS_SHARED and os.environ.get("CI") == "true":
        raise pytest.UsageError(f"{corpora.SHARED}: no models and tools there; CI must have them")


def pytest_report_header(config):
    if corpora.HAS_SHARED:
        return f"coppice: {tool.BINARY}; models and tools: {corpora.SHARED}"
    return (f"coppice: {tool.BINARY}; SKIPPED for want of {corpora.SHARED}: its models, both Keras corpora, "
            "the bad files. Only the fixtures are tested")


def pytest_generate_tests(metafunc):
    if "case" in metafunc.fixturenames:
        cases = corpora.cases()
        metafunc.parametrize("case", cases, ids=[c.id for c in cases])


def pytest_collection_modifyitems(items):
    """Case by case, so that each file is read once and not once a test; all else first."""
    cases = {c.id: n for n, c in enumerate(corpora.cases())}
    items.sort(key=lambda i: cases[i.callspec.params["case"].id] if "case" in getattr(i, "fixturenames", ()) else -1)
