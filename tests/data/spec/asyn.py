from flytekit.utils.asyn import _AsyncLoopManager

# Assume some_async_function is an async def function
async def some_async_function(data):
    # ... perform async operations ...
    return f"processed_{data}"

# In a synchronous context:
loop_manager = _AsyncLoopManager()
result = loop_manager.run_sync(some_async_function, "input_data")
print(result) # Output: processed_input_data

# Using the decorator:
@loop_manager.synced
async def another_async_function(x):
    return x * 2

sync_result = another_async_function(5)
print(sync_result) # Output: 10
