"""Makes tracked objects in the usual ways and, run as a program, prints what they know about themselves as JSON."""

import functools
import json

from flytekit.core.tracker import TrackedInstance, extract_task_module


class Thing(TrackedInstance):
    def __init__(self, name="example"):
        super().__init__()
        self.name = name


class Task(TrackedInstance):
    def __init__(self, task_function):
        super().__init__()
        self.task_function = task_function


def make():
    return Thing("made")


def function(): ...


@functools.wraps(function)
def wrapper(): ...


my_obj = Thing()
made = make()
second = first = Thing()
task = Task(function)
BY_LHS = my_obj.lhs  # while the module is still being executed


def facts():
    def place(something):
        name, module, variable, file = extract_task_module(something)
        return {"name": name, "module": module, "variable": variable, "file": file}

    return {
        "module": my_obj.instantiated_in,
        "file": str(my_obj._module_file),
        "while running": BY_LHS,
        "lhs": [my_obj.lhs, made.lhs, second.lhs, first.lhs, task.lhs],
        "location": my_obj.location,
        "object": place(my_obj),
        "task": place(task),
        "function": place(function),
        "class": place(Thing),
    }


if __name__ in ("__main__", "__mp_main__"):
    print(json.dumps(facts()))
