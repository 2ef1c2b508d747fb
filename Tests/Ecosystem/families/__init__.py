"""The families of layer_cases.py, a file for each part of Keras."""
import importlib
from pathlib import Path


def load():
    for file in sorted(Path(__file__).parent.glob("*.py")):
        if file.stem != "__init__":
            importlib.import_module(f"families.{file.stem}")
