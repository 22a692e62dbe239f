from flytekit.lazy_import.lazy_module import _LazyModule

# Example: Simulate an optional module that might not be installed
# In flytekit, this would be done via a helper function like lazy_import
optional_module = _LazyModule("my_optional_dependency")

try:
    # Accessing an attribute will raise ImportError if the module isn't truly loaded
    optional_module.some_function()
except ImportError as e:
    print(f"Caught expected ImportError: {e}")
