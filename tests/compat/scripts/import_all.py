"""Imports every module of flytekit, and says which cannot be, and the warnings on the way."""

import importlib
import pkgutil
import warnings

import flytekit

# Those of the models are not the same by design: the generated package has more of them, and a runtime.
OTHERS = ("flytekit.models.", "flytekit._flytekit_models", "flytekit.core.module_names")

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    count = 0
    for module in pkgutil.walk_packages(flytekit.__path__, "flytekit.", onerror=print):
        if module.name.startswith(OTHERS):
            continue
        try:
            importlib.import_module(module.name)
        except ImportError as error:
            print(f"{module.name}: {error}")
        else:
            count += 1
print(f"{count} modules")
for warning in caught:
    print(f"{warning.category.__name__}: {warning.message}")
