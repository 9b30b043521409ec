"""A file that takes over the process that reads it finds no secret, no network, and nothing to write."""

import json
import logging
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from retrieval.domain.errors import LoadError
from retrieval.loading import document_reader
from retrieval.loading.document_reader import DocumentReader, ReadingLimits
from retrieval.storage.chroma_erasure import clean_up
from retrieval.system.isolation import SAFE_FOLDER, clean_environment, isolated_python
from tests.conftest import REPOSITORY

# The loader of this worker runs what a file holds, as a flaw in a library would let it.
_TAKEN_OVER = """
import io, contextlib, retrieval.loading.registry
from retrieval.domain.documents import Document
def load_document(data, name, ocr):
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(data.decode(), {"name": name})
    return Document(name, "txt", said.getvalue(), "T", None, ())
retrieval.loading.registry.load_document = load_document
"""
SECRETS = {
    "SLACK_BOT_TOKEN": "xoxb-secret-1", "MONAZITE_DATABASE_URL": "postgresql://u:secret@h/n",
    "ANTHROPIC_API_KEY": "sk-secret-2", "MONAZITE_OPS_TOKEN": "secret-3", "AWS_SECRET": "secret-4",
    "PGPASSWORD": "secret-5",
}  # fmt: skip


def forged(start: int, end: int) -> str:
    """Source of a document whose block does not stand in its text."""
    block = {"kind": "paragraph", "start": start, "end": end}
    document = {"name": "a", "format": "t", "text": "x", "title": "t", "date": None}
    return repr(b"D" + json.dumps(document | {"blocks": [block]}).encode())


@pytest.fixture
def taken_over(monkeypatch: pytest.MonkeyPatch) -> None:
    real = isolated_python

    def hostile(program: str, *arguments: str) -> list[str]:
        return real(f"{_TAKEN_OVER}\n{program}", *arguments)

    monkeypatch.setattr(document_reader, "isolated_python", hostile)
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


def run_in_reader(code: str, **limits: float | str) -> str:
    reader = DocumentReader(ReadingLimits(**limits))
    try:
        return reader.read(code.encode(), "a.txt").text
    finally:
        reader.close()


def attempt(code: str) -> str:
    return f"try:\n    {code}\n    print('DONE')\nexcept OSError as error:\n    print('refused')"


@pytest.mark.usefixtures("taken_over")
def test_the_reader_has_no_secret_and_no_folder_of_anybodys() -> None:
    told = run_in_reader("import os, sys\nprint(dict(os.environ), os.getcwd(), sys.path, sys.argv)")
    assert "secret" not in told
    assert f" {SAFE_FOLDER} [" in told


@pytest.mark.usefixtures("taken_over")
@pytest.mark.parametrize(
    "code",
    [
        "import socket; socket.socket()",
        "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
        "import socket; socket.socket(socket.AF_INET6)",
        "import socket; socket.socket(socket.AF_UNIX)",
        "import socket; socket.create_connection(('127.0.0.1', 9), 1)",
        "import os; open(f'/proc/{os.getppid()}/environ', 'rb').read()",
        "import os; open(f'/proc/{os.getppid()}/mem', 'rb')",
        "import os; os.kill(os.getppid(), 15)",
        "open('/etc/passwd').read()",
        "import os; os.listdir('/tmp')",
        "import os; os.execv('/bin/true', ['true'])",
        "import subprocess; subprocess.run(['/bin/true'])",
    ],
)
def test_what_reading_needs_not_is_refused(code: str) -> None:
    assert run_in_reader(attempt(code)).strip() == "refused"


@pytest.mark.usefixtures("taken_over")
@pytest.mark.parametrize(
    "code",
    [
        "open('{place}/new.txt', 'w').write('x')",
        "open('{place}/victim.txt', 'r').read()",
        "open('{place}/victim.txt', 'a').write('x')",
        "import os; os.unlink('{place}/victim.txt')",
        "import os; os.truncate('{place}/victim.txt', 0)",
        "import os; os.rename('{place}/victim.txt', '{place}/moved.txt')",
        "import os; os.symlink('{place}/victim.txt', '{place}/link.txt')",
        "import os; os.chmod('{place}/victim.txt', 0o666)",
        "import os; os.utime('{place}/victim.txt', (1, 1))",
        "import os; os.mkdir('{place}/folder')",
    ],
)
@pytest.mark.parametrize("ocr", ["", "eng"])
def test_no_file_of_anybodys_is_read_or_changed(code: str, ocr: str, tmp_path: Path) -> None:
    victim = tmp_path / "victim.txt"
    victim.write_text("untouched")
    before = victim.stat()
    told = run_in_reader(attempt(code.format(place=tmp_path)), ocr=ocr)
    assert told.strip() == "refused"
    assert victim.read_text() == "untouched"
    assert (victim.stat().st_mode, victim.stat().st_mtime) == (before.st_mode, before.st_mtime)
    assert list(tmp_path.iterdir()) == [victim]


@pytest.mark.usefixtures("taken_over")
def test_ocr_writes_to_a_folder_of_its_own_that_is_gone_afterwards() -> None:
    code = (
        "import os, tempfile\nprint(tempfile.gettempdir(), oct(os.stat(tempfile.gettempdir()).st_mode))\n"
        "open(tempfile.gettempdir() + '/page.png', 'w').write('x')\nprint('written')"
    )
    place, mode, written = run_in_reader(code, ocr="eng").split()
    assert (mode, written) == ("0o40700", "written")
    assert not Path(place).exists()


@pytest.mark.usefixtures("taken_over")
@pytest.mark.parametrize(
    "answer",
    [
        "b'D' + b'{}'",
        "b'D' + b'[' * 100000",
        "b'X'",
        "b''",
        "__import__('pickle').dumps(print)",
        forged(0, 99),
        forged(-1, 0),
    ],
)
def test_what_a_reader_that_was_taken_over_sends_is_only_its_files_failure(answer: str) -> None:
    code = (
        "import gc\nfrom multiprocessing.connection import Connection\n"
        f"[one.send_bytes({answer}) for one in gc.get_objects() if isinstance(one, Connection)]"
    )
    with pytest.raises(LoadError, match="crashed the reader"):
        run_in_reader(code)


@pytest.mark.usefixtures("taken_over")
def test_a_reader_that_sends_half_an_answer_does_not_hold_up_the_run() -> None:
    code = (
        "import gc, os, time\nfrom multiprocessing.connection import Connection\n"
        "[os.write(one.fileno(), b'\\0\\0\\0\\x63D') for one in gc.get_objects() if isinstance(one, Connection)]\n"
        "time.sleep(60)"
    )
    with pytest.raises(LoadError, match="takes longer than 3 s"):
        run_in_reader(code, seconds=0.3)


@pytest.mark.usefixtures("taken_over")
def test_what_libraries_print_is_counted_cut_short_and_kept_off_the_terminal(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO)
    reader = DocumentReader(ReadingLimits())
    noisy = "import sys\nfor number in range(15000): print('\\x1b]0;x', number, 'y' * 70, file=sys.stderr)"
    try:
        reader.read(noisy.encode(), "noisy\n.pdf")
        reader.read(b"print('quiet')", "quiet.pdf")
    finally:
        reader.close()
    (line,) = [one.getMessage() for one in caplog.records if "Libraries" in one.getMessage()]
    assert line.startswith("Libraries said 15000 lines about noisy .pdf: ")
    assert len(line) < 500
    assert "\x1b" not in line
    assert capfd.readouterr() == ("", "")


def test_where_the_kernel_refuses_it_is_said_once_and_files_are_read(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    real = isolated_python

    def old_kernel(program: str, *arguments: str) -> list[str]:
        before = "import retrieval.loading.sandbox as s; s._LANDLOCK_CREATE = 9999"
        return real(f"{before}\n{program}", *arguments)

    monkeypatch.setattr(document_reader, "isolated_python", old_kernel)
    reader = DocumentReader(ReadingLimits())
    for _ in range(2):
        assert reader.read(b"Cerium is soft.", "a.txt").text == "Cerium is soft."
        reader.close()
    (line,) = [one.getMessage() for one in caplog.records]
    assert line.startswith("Files are read without all restrictions here (Landlock: ")


def test_only_what_is_listed_of_the_environment_is_handed_on() -> None:
    given = SECRETS | {"PATH": "/bin", "LC_ALL": "C", "PYTHONPATH": "/evil", "PGSSLMODE": "require"}
    assert clean_environment(given, ["PGSSLMODE"]) == {
        "PATH": "/bin", "LC_ALL": "C", "PGSSLMODE": "require",
    }  # fmt: skip


@pytest.mark.parametrize("module", ["json", "resource", "docx", "retrieval", "sqlite3", "site"])
def test_a_module_in_the_current_folder_is_not_imported(module: str, tmp_path: Path) -> None:
    (tmp_path / f"{module}.py").write_text("raise SystemExit('taken over')")
    program = f"import {module}; print('own', {module}.__file__)"
    environment = clean_environment() | {"PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        isolated_python(program), cwd=tmp_path, env=environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.stdout.startswith("own"), done.stderr
    assert str(tmp_path) not in done.stdout


def test_a_checkout_as_it_is_finds_its_own_packages(tmp_path: Path) -> None:
    """Neither installed nor on PYTHONPATH of the child: by the folder that it was started from."""
    copy = tmp_path / "checkout"
    shutil.copytree(REPOSITORY / "retrieval", copy / "retrieval")
    program = (
        f"import sys; sys.path.insert(0, {str(copy)!r}); import subprocess\n"
        "from retrieval.system.isolation import isolated_python\n"
        "command = isolated_python('import retrieval.loading.document_reader as r, pypdf; print(r.__file__)')\n"
        "print(subprocess.run(command, capture_output=True, text=True, cwd='/').stdout)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stdout.strip() == str(copy / "retrieval/loading/document_reader.py")


# What Chroma calls its folders.
UNUSED = "0b5a4a2e-6b0e-4b8e-9d8f-3f1c2b7a9e10"


def test_chromas_folder_is_cleaned_up_by_a_process_that_imports_nothing_from_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    import sqlite3

    home = tmp_path / "chroma"
    (home / UNUSED).mkdir(parents=True)
    with sqlite3.connect(home / "chroma.sqlite3") as connection:
        connection.execute("CREATE TABLE segments (id TEXT)")
    for module in ("sqlite3", "shutil", "logging"):
        (tmp_path / f"{module}.py").write_text("open('pwned', 'w').close()")
    monkeypatch.chdir(tmp_path)
    clean_up(Path("chroma"))
    assert not (home / UNUSED).exists()
    assert not (tmp_path / "pwned").exists()
    assert caplog.records == []
