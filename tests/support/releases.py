"""Small released packages, made from .proto texts, and ways to look at what sync writes of them."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path

import grpc_tools
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from grpc_tools import protoc

WELL_KNOWN = Path(grpc_tools.__file__).parent / "_proto"


class Lab:
    """Wheels of made-up releases: `publish` puts one where pip finds it, `cached` where sync keeps its downloads."""

    def __init__(self, root: Path) -> None:
        self.links = root / "links"
        self.cache = root / "cache"
        self.idl = root / "project" / "idl"
        self.links.mkdir()
        self._scratch = root / "scratch"
        self._scratch.mkdir()

    def publish(
        self, distribution: str, version: str, protos: Mapping[str, str], requires: tuple[str, ...] = ()
    ) -> Path:
        return self._wheel(self.links, distribution, version, protos, requires)

    def cached(
        self, distribution: str, version: str, protos: Mapping[str, str], requires: tuple[str, ...] = ()
    ) -> Path:
        folder = self.cache / distribution
        folder.mkdir(parents=True, exist_ok=True)
        return self._wheel(folder, distribution, version, protos, requires)

    def publish_cached(self, distribution: str, version: str, protos: Mapping[str, str]) -> Path:
        """Both: so pip lists it, and nothing is downloaded, which takes pip most of a second each time."""
        wheel = self.publish(distribution, version, protos)
        folder = self.cache / distribution
        folder.mkdir(parents=True, exist_ok=True)
        return Path(shutil.copy(wheel, folder))

    def text(self, name: str) -> str:
        """One file of idl/."""
        return (self.idl / name).read_text(encoding="utf-8")

    def edit(self, name: str, old: str, new: str) -> None:
        """Change a file of idl/ as a person would."""
        text = self.text(name)
        assert text.count(old) == 1, f"{old!r} is not once in {name}"
        (self.idl / name).write_text(text.replace(old, new), encoding="utf-8")

    def snapshot(self) -> dict[str, tuple[bytes, int]]:
        """Every file beside and below idl/, with its content and modification time."""
        return {
            str(path.relative_to(self.idl.parent)): (path.read_bytes(), path.stat().st_mtime_ns)
            for path in sorted(self.idl.parent.rglob("*"))
            if path.is_file()
        }

    def compiled(self, root: Path) -> dict[str, FileDescriptorProto]:
        """The descriptors of all .proto files below a folder, compiled apart from the code that is tested."""
        names = sorted(str(path.relative_to(root)) for path in root.rglob("*.proto"))
        output = self._scratch / "compiled"
        assert protoc.main(["protoc", f"-I{root}", f"-I{WELL_KNOWN}", f"--descriptor_set_out={output}", *names]) == 0
        return {file.name: file for file in FileDescriptorSet.FromString(output.read_bytes()).file}

    def sources(self, version: str) -> Path:
        """The folder of the .proto texts that a release was made of."""
        return self._scratch / version / "source"

    @staticmethod
    def rewrite(wheel: Path, member: str, content: str | bytes | None) -> None:
        """Replace one file of a wheel, or drop it where `content` is None."""
        with zipfile.ZipFile(wheel) as archive:
            members: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
        assert member in members
        with zipfile.ZipFile(wheel, "w") as archive:
            for name, old in members.items():
                if name != member or content is not None:
                    archive.writestr(name, content if name == member and content is not None else old)

    def _wheel(
        self, folder: Path, distribution: str, version: str, protos: Mapping[str, str], requires: tuple[str, ...]
    ) -> Path:
        source, output = self.sources(version), self._scratch / version / "output"
        output.mkdir(parents=True, exist_ok=True)
        for name, text in protos.items():
            path = source / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert protoc.main(["protoc", f"-I{source}", f"-I{WELL_KNOWN}", f"--python_out={output}", *protos]) == 0
        name = distribution.replace("-", "_")
        wheel = folder / f"{name}-{version}-py3-none-any.whl"
        needs = "Requires-Python: <3"  # Which must not matter, since nothing of it is run.
        metadata = [
            f"Name: {distribution}",
            f"Version: {version}",
            needs,
            *(f"Requires-Dist: {line}" for line in requires),
        ]
        info = f"{name}-{version}.dist-info"
        with zipfile.ZipFile(wheel, "w") as archive:
            for proto in protos:
                module = proto.removesuffix(".proto").replace("-", "_") + "_pb2.py"
                archive.write(output / module, module)
            archive.writestr(f"{info}/METADATA", "\n".join(["Metadata-Version: 2.1", *metadata, "", ""]))
            archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            archive.writestr(f"{info}/RECORD", "")
        return wheel
