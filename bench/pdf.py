"""Reading PDFs beside pypdf and, where it is installed, pdftotext: `python -m bench.pdf`.

Each reader runs in a process of its own, so that its memory can be told; the files are made here.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from time import perf_counter

from tests.pdf_files import SETTINGS, report, sentences

_OURS = "from retrieval.loading.registry import load_document as load\nload(open(path, 'rb').read(), 'a.pdf')"
# What was done before: each piece of text with where it stands.
_VISITED = """
from pypdf import PdfReader
for page in PdfReader(path).pages:
    page.extract_text(visitor_text=lambda *found: None)
"""
_PLAIN = "from pypdf import PdfReader\nfor page in PdfReader(path).pages: page.extract_text()"
_POPPLER = (
    "import subprocess\nsubprocess.run(['pdftotext', path, '-'], check=True, capture_output=True)"
)
_TIMED = """
import json, resource, sys, time
path, began = sys.argv[1], time.process_time()
{work}
spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
seconds = time.process_time() - began + spent[1].ru_utime + spent[1].ru_stime
print(json.dumps([seconds, max(one.ru_maxrss for one in spent) / 1024]))
"""


def measured(work: str, path: Path) -> tuple[float, float]:
    """Returns the CPU seconds, imports included, and the peak memory in MB of reading a file."""
    run = subprocess.run(
        [sys.executable, "-c", _TIMED.format(work=work), str(path)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    seconds, megabytes = json.loads(run.stdout.splitlines()[-1])
    return float(seconds), float(megabytes)


def main() -> None:
    """Prints seconds and memory of each reader for reports of some 200 pages."""
    readers = {"monazite": _OURS, "pypdf, by place": _VISITED, "pypdf": _PLAIN}
    if shutil.which("pdftotext"):
        readers["pdftotext"] = _POPPLER
    dense = replace(SETTINGS[4], name="two columns, dense")
    with tempfile.TemporaryDirectory() as folder:
        for setting, count in ((SETTINGS[7], 4_800), (dense, 9_500)):
            path = Path(folder) / "report.pdf"
            began = perf_counter()
            path.write_bytes(report(setting, sentences(count, 1)))
            pages = path.read_bytes().count(b"/Type /Page\n") or path.read_bytes().count(
                b"/MediaBox"
            )
            print(f"{setting.name}: {pages} pages, made in {perf_counter() - began:.0f} s")
            for name, work in readers.items():
                seconds, megabytes = measured(work, path)
                each = 100 * seconds / pages
                print(
                    f"  {name}: {seconds:.2f} s, {each:.2f} s a hundred pages, {megabytes:.0f} MB",
                    flush=True,
                )


if __name__ == "__main__":
    main()
