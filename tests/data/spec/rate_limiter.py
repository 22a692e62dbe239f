from flytekit.utils.rate_limiter import RateLimiter
from flytekit.utils.asyn import _AsyncLoopManager
import time

# Create a rate limiter allowing 2 requests per minute
limiter = RateLimiter(rpm=2)
loop_manager = _AsyncLoopManager()

# Synchronous usage
print(f"Sync acquire 1 at {time.time()}")
limiter.sync_acquire()
print(f"Sync acquired 1 at {time.time()}")

print(f"Sync acquire 2 at {time.time()}")
limiter.sync_acquire()
print(f"Sync acquired 2 at {time.time()}")

# The third acquire will block for approximately 60 seconds
print(f"Sync acquire 3 at {time.time()}")
limiter.sync_acquire()
print(f"Sync acquired 3 at {time.time()}")

# Asynchronous usage (requires an event loop)
async def make_limited_call(call_num):
    print(f"Async acquire {call_num} at {time.time()}")
    await limiter.acquire()
    print(f"Async acquired {call_num} at {time.time()}")

# Run async calls using the loop manager
loop_manager.run_sync(make_limited_call, 1)
loop_manager.run_sync(make_limited_call, 2)
loop_manager.run_sync(make_limited_call, 3)
