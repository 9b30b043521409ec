"""Monazite is run in a folder of documents that a stranger has filled: nothing of it is run or obeyed."""

from pathlib import Path

import pytest

from tests.programs import Program

# What the program, its workers or their libraries import.
MODULES = (
    "resource", "docx", "pypdf", "lxml", "yaml", "signal", "sqlite3", "bot", "retrieval", "prompts",
    "chromadb", "usercustomize", "sitecustomize", "typer", "pydantic", "numpy",
)  # fmt: skip


@pytest.fixture
def strangers(tmp_path: Path) -> Program:
    folder = tmp_path / "documents"
    folder.mkdir()
    planted = f"open({str(tmp_path / 'pwned')!r}, 'a').write(__name__ + chr(10))\n"
    for module in MODULES:
        (folder / f"{module}.py").write_text(planted)
        (folder / f"{module}_as_folder").mkdir()
    (folder / ".env").write_text(
        "SLACK_API_URL=http://127.0.0.1:9/evil/\nMONAZITE_CHROMA_URL=http://127.0.0.1:9\n"
        "MONAZITE_EMBEDDING_MODEL=evil\nallow_reset=nonsense\n"
    )
    (folder / "a.txt").write_text("The kiln at Vargfors runs on gas.")
    (folder / "b.md").write_text("# Mill\n\nThe mill runs on oil.")
    program = Program(folder)
    program.environment |= {
        "SLACK_BOT_TOKEN": "xoxb-secret",
        "MONAZITE_HOME": str(tmp_path / "home"),
    }
    return program


def test_nothing_that_lies_in_the_folder_is_imported_or_read(
    strangers: Program, tmp_path: Path
) -> None:
    done = strangers.launch("index", ".", "--rebuild")
    assert done.returncode == 0, done.stderr
    assert "2 added" in done.stdout
    assert ".env is not read: it lies in a folder of documents" in done.stderr
    assert (
        "The kiln at Vargfors runs on gas"
        in strangers.launch("ask", "What does the kiln at Vargfors run on?").stdout
    )
    (strangers.folder / "a.txt").unlink()
    assert "1 removed" in strangers.launch("index", ".").stdout
    assert "127.0.0.1:9" not in strangers.launch("doctor", "--slack").stdout
    assert not (tmp_path / "pwned").exists()
