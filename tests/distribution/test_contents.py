"""What is in the distributions."""

from __future__ import annotations

import email
import importlib.util
import json
import re
import shutil
import subprocess
import tarfile
import zipfile
from email.message import Message
from pathlib import Path

import pytest
from builds import ROOT, build
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

import flytekit_models

_SPEC = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
assert _SPEC is not None
assert _SPEC.loader is not None
hatch_build = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(hatch_build)

pytestmark = pytest.mark.xdist_group("distributions")


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        return email.message_from_bytes(archive.read(name))


def names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def test_the_wheel_has_nothing_called_flytekit_and_executes_nothing_at_start(wheel: Path) -> None:
    top = {name.partition("/")[0] for name in names(wheel)}
    assert {name for name in top if not name.endswith(".dist-info")} == {
        "flytekit-models.pth",
        "flytekit_codegen",
        "flytekit_models",
    }
    with zipfile.ZipFile(wheel) as archive:
        assert archive.read("flytekit-models.pth") == b"flytekit_models/without_flytekit\n"


def test_the_wheel_has_the_models_the_utilities_and_their_types(wheel: Path) -> None:
    below = "flytekit_models/without_flytekit/flytekit"
    generated = {f"{below}/{path.relative_to(ROOT / 'generated/flytekit').as_posix()}" for path in files("generated")}
    by_hand = {f"{below}/{path.relative_to(ROOT / 'runtime/flytekit').as_posix()}" for path in files("runtime")}
    assert generated | by_hand | {f"{below}/py.typed", "flytekit_models/py.typed"} <= {*names(wheel)}


def test_each_folder_of_modules_is_a_package(wheel: Path) -> None:
    # A zip file on the path has no namespace packages, and freezers miss them.
    modules = {name for name in names(wheel) if name.endswith(".py")}
    folders = {name.rpartition("/")[0] for name in modules} - {"flytekit_models/without_flytekit"}
    assert {folder for folder in folders if f"{folder}/__init__.py" not in modules} == set()


def files(folder: str) -> list[Path]:
    return [path for path in (ROOT / folder / "flytekit").rglob("*.py") if "__pycache__" not in path.parts]


def test_the_licence_is_in_every_distribution(wheel: Path, sdist: Path, metadata: Message) -> None:
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata.get_all("License-File") == ["LICENSE", "NOTICE"]
    info = f"flytekit_models-{flytekit_models.__version__}.dist-info"
    with zipfile.ZipFile(wheel) as archive:
        for paper in ("LICENSE", "NOTICE"):
            assert archive.read(f"{info}/licenses/{paper}") == (ROOT / paper).read_bytes()
    with tarfile.open(sdist) as archive:
        packed = {name.partition("/")[2] for name in archive.getnames()}
    assert {"LICENSE", "NOTICE", "core/LICENSE"} <= packed
    assert (ROOT / "core" / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


def test_what_an_index_shows_breaks_without_no_address(metadata: Message) -> None:
    assert metadata.get_all("Project-URL") is None
    assert "Typing :: Typed" in metadata.get_all("Classifier", [])
    shown = str(metadata.get_payload())
    targets = re.findall(r"\]\(([^)]*)\)|(?:src|srcset|href)=\"([^\"]*)\"", shown)
    assert [target for pair in targets for target in pair if target and not target.startswith("http")] == []
    assert "# flytekit-models" in shown


def test_addresses_are_made_of_the_repositorys_when_it_is_known() -> None:
    picture = '<picture>\n<source srcset="docs/dark.png">\n<img src="docs/light.png">\n</picture>'
    text = f"![plot](docs/plot.png)\n\n{picture}\n\n[how](docs/how.md), [Flyte](https://flyte.org)"
    assert hatch_build.shown(text, "", "1.0") == "how, [Flyte](https://flyte.org)"
    there = "https://example.org/r"
    assert hatch_build.shown(text, there, "1.0").splitlines() == [
        f"![plot]({there}/raw/v1.0/docs/plot.png)",
        "",
        "<picture>",
        f'<source srcset="{there}/raw/v1.0/docs/dark.png">',
        f'<img src="{there}/raw/v1.0/docs/light.png">',
        "</picture>",
        "",
        f"[how]({there}/blob/v1.0/docs/how.md), [Flyte](https://flyte.org)",
    ]


def test_the_core_is_an_extra_of_the_same_version(metadata: Message) -> None:
    core = f"flytekit-models-core=={flytekit_models.__version__}; extra == 'fast'"
    assert core in metadata.get_all("Requires-Dist", [])
    assert metadata["Version"] == flytekit_models.__version__


def test_the_sdist_is_complete(sdist: Path) -> None:
    if not shutil.which("git") or not (ROOT / ".git").exists():
        pytest.skip("not in a git repository: nothing tells which files belong to it")
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files"], capture_output=True, text=True, check=True)
    with tarfile.open(sdist) as archive:
        packed = {name.partition("/")[2] for name in archive.getnames()}
    assert {name for name in listed.stdout.splitlines() if (ROOT / name).exists()} - packed == set()


def test_the_sdist_builds_the_same_wheel(wheel: Path, sdist: Path, tmp_path: Path) -> None:
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    (source,) = (tmp_path / "unpacked").iterdir()
    # Their times may differ: `make dist` sets them, and compares the bytes of two builds.
    assert contents(build(source, tmp_path / "again", "--wheel")) == contents(wheel)


def contents(wheel: Path) -> list[tuple[str, int, bytes]]:
    """The files in their order, with their modes."""
    with zipfile.ZipFile(wheel) as archive:
        return [(entry.filename, entry.external_attr, archive.read(entry)) for entry in archive.infolist()]


def test_the_bill_of_materials_is_valid_and_names_the_schema(wheel: Path) -> None:
    (name,) = [name for name in names(wheel) if "/sboms/" in name]
    with zipfile.ZipFile(wheel) as archive:
        text = archive.read(name).decode()
    assert name.endswith(".dist-info/sboms/flytekit-models.cdx.json")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    bill = json.loads(text)
    lock = json.loads((ROOT / "idl" / "idl.lock").read_text())
    assert bill["metadata"]["component"]["purl"] == f"pkg:pypi/flytekit-models@{flytekit_models.__version__}"
    assert [component["purl"] for component in bill["components"]] == [f"pkg:pypi/flyteidl@{lock['version']}"]
    assert bill["components"][0]["hashes"] == [{"alg": "SHA-256", "content": lock["sha256"]}]


def test_the_distribution_of_the_core_has_its_papers(tmp_path: Path) -> None:
    source = tmp_path / "core"
    shutil.copytree(ROOT / "core", source, ignore=shutil.ignore_patterns("build", "*.egg-info"))
    # Its version is that of flytekit-models, which it finds beside it in a checkout.
    version = ROOT / "runtime" / "flytekit_models" / "_version.py"
    (tmp_path / "runtime" / "flytekit_models").mkdir(parents=True)
    shutil.copy(version, tmp_path / "runtime" / "flytekit_models")
    packed = build(source, tmp_path / "first", "--sdist")
    assert build(source, tmp_path / "second", "--sdist").read_bytes() == packed.read_bytes()
    assert packed.name == f"flytekit_models_core-{flytekit_models.__version__}.tar.gz"
    with tarfile.open(packed) as archive:
        files = {name.partition("/")[2]: name for name in archive.getnames()}
        sources = {path.relative_to(source).as_posix() for path in (source / "src").rglob("*") if path.is_file()}
        assert {"LICENSE", "pyproject.toml", "setup.py", *sources} <= files.keys()
        bill = archive.extractfile(files["flytekit_models_core.egg-info/sboms/flytekit-models-core.cdx.json"])
        assert bill is not None
        assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(bill.read().decode()) is None
