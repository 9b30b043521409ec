"""Shared fixtures: the real model, the evaluation corpus, and installations over them."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from filelock import FileLock

from bot.wiring.installation import Installation
from bot.wiring.settings import Settings
from retrieval.embedding.model_files import DEFAULT_MODEL
from retrieval.embedding.sentence_transformer import SentenceEmbeddings
from tests.eval.office import build_corpus
from tests.providers.server import KEY, Providers
from tests.servers import Postgres, chroma_server
from tests.slack.server import Serving

REPOSITORY = Path(__file__).parents[1]
MakeAssembly = Callable[..., Installation]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begins with the file that takes longest, so that it is not left alone at the end of a run."""
    items.sort(key=lambda item: item.path.stem != "test_local_model")


@pytest.fixture(scope="session")
def embeddings() -> SentenceEmbeddings:
    """The default embedding model, loaded once."""
    model = SentenceEmbeddings(DEFAULT_MODEL)
    model.warm()
    return model


@pytest.fixture(scope="session")
def seeds() -> Path:
    return REPOSITORY / "seeds"


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The seeds and the evaluation documents, in all five formats."""
    return build_corpus(tmp_path_factory.mktemp("corpus"))


@pytest.fixture(scope="session")
def make_shared(embeddings: SentenceEmbeddings) -> MakeAssembly:
    """Makes installations that share the loaded model."""

    def make(home: Path, **settings: object) -> Installation:
        installation = Installation(Settings(_env_file=None, home=home, **settings))
        installation.embeddings = embeddings
        return installation

    return make


@pytest.fixture(scope="session")
def library(
    make_shared: MakeAssembly, corpus: Path, tmp_path_factory: pytest.TempPathFactory
) -> Installation:
    """An installation with the whole evaluation corpus indexed. Not to be changed by a test.

    Of several test processes, the first one indexes and the others copy.
    """
    alone = "PYTEST_XDIST_WORKER" not in os.environ
    together = tmp_path_factory.getbasetemp() if alone else tmp_path_factory.getbasetemp().parent
    made, home = together / "library-made", tmp_path_factory.mktemp("library") / "home"
    with FileLock(together / "library.lock"):
        if not made.exists():
            unfinished = make_shared(together / "library-begun", documents=corpus)
            unfinished.indexer.index([corpus])
            unfinished.settings.home.rename(made)
    shutil.copytree(made, home)
    return make_shared(home, documents=corpus)


@contextmanager
def served_providers() -> Iterator[Providers]:
    """Chat providers on loopback; `url` is where they are."""
    fake = Providers()
    with Serving(fake.app) as serving:
        fake.url = f"http://127.0.0.1:{serving.port}"
        yield fake


@pytest.fixture
def providers() -> Iterator[Providers]:
    with served_providers() as fake:
        yield fake


@pytest.fixture
def make_writing(
    make_shared: MakeAssembly, library: Installation, providers: Providers
) -> MakeAssembly:
    """Makes installations over the evaluation corpus whose answers a provider writes."""

    def make(model: str = "openai:gpt-4.1-mini", **settings: object) -> Installation:
        provider = model.partition(":")[0]
        path = f"{provider}/v1" if provider == "openai" else provider
        reach = {"chat_base_url": f"{providers.url}/{path}", "chat_api_key": KEY}
        return make_shared(library.settings.home, chat_model=model, **(reach | settings))

    return make


@pytest.fixture(scope="session")
def chroma_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Chroma server."""
    with chroma_server(tmp_path_factory.mktemp("chroma-server")) as url:
        yield url


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A PostgreSQL server."""
    server = Postgres(tmp_path_factory.mktemp("postgres"))
    yield server
    server.stop()


@pytest.fixture
def postgres_url(postgres: Postgres) -> str:
    """An empty database in PostgreSQL."""
    return postgres.database()


@pytest.fixture
def make_assembly(make_shared: MakeAssembly, tmp_path: Path) -> MakeAssembly:
    """Makes installations in one data folder, empty at first."""

    def make(**settings: object) -> Installation:
        return make_shared(tmp_path / "home", **settings)

    return make


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    """A folder with two small documents."""
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "cerium.txt").write_text(
        "Cerium oxide polishes glass. Demand fell in 2023 because screens became thinner."
    )
    (folder / "dysprosium.txt").write_text(
        "Dysprosium keeps magnets strong when they are hot. The price was 1.9 million yuan."
    )
    return folder
