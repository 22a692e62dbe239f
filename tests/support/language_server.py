"""Pyright's language server, asked for completions as an editor does."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any


class LanguageServer:
    """A running server, whose workspace is *folder*. Use it as a context."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._asked = 0
        command = [sys.executable, "-m", "pyright.langserver", "--stdio"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder)

    def __enter__(self) -> LanguageServer:
        root = self._folder.as_uri()
        able = {"workspace": {"configuration": True, "workspaceFolders": True}}
        folders = [{"uri": root, "name": "workspace"}]
        self._ask(
            "initialize",
            processId=None,
            rootUri=root,
            workspaceFolders=folders,
            capabilities={**able, "textDocument": {}},
        )
        self._send(method="initialized", params={})
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def complete(self, code: str) -> list[str]:
        """What is offered at the end of *code*, in the order in which editors show it."""
        uri = (self._folder / f"example_{self._asked}.py").as_uri()
        document = {"uri": uri, "languageId": "python", "version": 1, "text": code}
        self._send(method="textDocument/didOpen", params={"textDocument": document})
        lines = code.split("\n")
        end = {"line": len(lines) - 1, "character": len(lines[-1])}
        found = self._ask("textDocument/completion", textDocument={"uri": uri}, position=end)
        return [one["label"] for one in sorted(found["items"], key=lambda one: one["sortText"])]

    def _ask(self, method: str, **params: Any) -> Any:
        self._asked += 1
        number = self._asked
        self._send(id=number, method=method, params=params)
        while True:
            answer = self._receive()
            if "method" not in answer and answer.get("id") == number:
                return answer["result"]
            if "method" in answer and "id" in answer:
                # The server asks in turn; it has the defaults of everything.
                is_configuration = answer["method"] == "workspace/configuration"
                self._send(id=answer["id"], result=[{}] * len(answer["params"]["items"]) if is_configuration else None)

    def _send(self, **message: Any) -> None:
        assert self._process.stdin is not None
        content = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(content) + content)
        self._process.stdin.flush()

    def _receive(self) -> Any:
        assert self._process.stdout is not None
        length = 0
        while line := self._process.stdout.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        assert length, "the language server has ended"
        return json.loads(self._process.stdout.read(length))
