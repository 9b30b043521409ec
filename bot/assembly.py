"""Puts the parts together, as the settings say; nothing heavy is imported before it is used."""

from functools import cached_property
from typing import TYPE_CHECKING

from bot.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from bot.answering import Answerer
    from bot.suggestions import Suggestions
    from bot.writing import Writer
    from retrieval.catalog import Catalog
    from retrieval.claims import Claims
    from retrieval.embedding import SentenceEmbeddings
    from retrieval.exchanges import Exchanges
    from retrieval.glossary import Glossary
    from retrieval.indexer import Indexer
    from retrieval.lexical import LexicalIndex
    from retrieval.search import Searcher
    from retrieval.vectors import VectorStore

# Grows when loading or splitting changes what is stored, so that old indexes are rebuilt.
_PIPELINE = 1


class Assembly:
    """The parts of one installation, each made on first use."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @property
    def fingerprint(self) -> str:
        """Names what an index depends on; another one means a rebuild."""
        settings = self.settings
        return f"{settings.embedding_model}, {settings.passage_tokens} tokens, pipeline {_PIPELINE}"

    @cached_property
    def catalog(self) -> "Catalog":
        """The catalog, its tables up to date."""
        from retrieval.catalog import Catalog

        return Catalog(self.engine)

    @cached_property
    def claims(self) -> "Claims":
        """What was taken up already, such as Slack events."""
        from retrieval.claims import Claims

        return Claims(self.engine)

    @cached_property
    def exchanges(self) -> "Exchanges":
        """What was asked in conversations."""
        from retrieval.exchanges import Exchanges

        return Exchanges(self.engine)

    @cached_property
    def glossary(self) -> "Glossary":
        """Names that mean the same."""
        from retrieval.glossary import load_glossary

        return load_glossary(self.settings.glossary)

    @cached_property
    def engine(self) -> "Engine":
        """The database of catalog and claims, its tables up to date."""
        from retrieval.database import open_database

        self._make_home()
        return open_database(self.settings.database)

    @cached_property
    def embeddings(self) -> "SentenceEmbeddings":
        """The embedding model, loaded on first use."""
        from retrieval.embedding import SentenceEmbeddings

        return SentenceEmbeddings(self.settings.embedding_model)

    @cached_property
    def vectors(self) -> "VectorStore":
        """Chroma, embedded or by URL."""
        from retrieval.vectors import VectorStore

        location = self.settings.chroma_url or self.settings.home / "chroma"
        return VectorStore(location, self.embeddings)

    def lexical(self, build_id: str) -> "LexicalIndex":
        """Returns the lexical index of a build."""
        from retrieval.lexical import LexicalIndex

        return LexicalIndex(self.settings.home / "lexical" / build_id)

    @cached_property
    def indexer(self) -> "Indexer":
        """What `monazite index` runs."""
        from retrieval.indexer import Indexer
        from retrieval.splitter import Splitter
        from retrieval.stores import Stores

        return Indexer(
            Stores(self.catalog, self.vectors, self.lexical),
            self.embeddings,
            Splitter(self.embeddings, self.settings.passage_tokens),
            self.fingerprint,
            self.settings.home / "index.lock",
        )

    @cached_property
    def searcher(self) -> "Searcher":
        """What finds passages."""
        from retrieval.search import Searcher

        return Searcher(
            self.catalog,
            self.vectors,
            self.lexical,
            self.embeddings,
            self.glossary,
            self.fingerprint,
        )

    @cached_property
    def answerer(self) -> "Answerer":
        """What answers questions."""
        from bot.answering import Answerer, AnswerRules

        settings = self.settings
        rules = AnswerRules(settings.passages, settings.min_confidence, settings.max_answer_words)
        return Answerer(
            self.searcher, self.catalog, self.embeddings, rules, self.writer, self._report
        )

    @cached_property
    def suggestions(self) -> "Suggestions":
        """Example questions, drawn from the index."""
        from bot.suggestions import Suggestions

        return Suggestions(self.catalog, self.answerer, self.glossary)

    @cached_property
    def writer(self) -> "Writer | None":
        """What writes answers, where a chat model is set."""
        if self.settings.chat_model is None:
            return None
        from bot.writing import Writer, open_chat_model

        model = open_chat_model(self.settings.chat_model)
        return Writer(model, self.settings.max_answer_words, self.glossary)

    def _report(self, error: Exception, request_id: str) -> None:
        from bot.logs import write_traceback

        write_traceback(self.settings.home, error, request_id)

    def _make_home(self) -> None:
        from retrieval.errors import ConfigurationError

        try:
            self.settings.home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(
                f"The data folder {self.settings.home} cannot be made ({error.strerror}); "
                "set MONAZITE_HOME to a folder you can write to"
            ) from error
