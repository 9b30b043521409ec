"""Puts the parts together, as the settings say; nothing heavy is imported before it is used."""

from functools import cached_property
from typing import TYPE_CHECKING

from bot.wiring.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from bot.answering.answerer import Answerer
    from bot.answering.recorder import Recorder
    from bot.answering.suggestions import Suggestions
    from bot.conversations.exchanges import Exchanges
    from bot.conversations.heartbeats import Heartbeats
    from bot.conversations.idempotency_keys import IdempotencyKeys
    from bot.conversations.rate_windows import RateWindows
    from bot.journal.entries import Journal
    from bot.journal.search import JournalSearch
    from bot.questions.planner import Planner
    from bot.telemetry.metrics import Metrics
    from bot.wiring.writing import WritingParts
    from bot.writing.author import Author
    from retrieval.backup.backups import Backups
    from retrieval.embedding.cache import VectorCache
    from retrieval.embedding.embedder import Embedder
    from retrieval.embedding.ray_cluster import RayEmbeddings
    from retrieval.fetching.page_cache import Fetcher
    from retrieval.indexing.indexer import Indexer
    from retrieval.indexing.removal import Remover
    from retrieval.indexing.verification import IndexVerifier
    from retrieval.search.searcher import Searcher
    from retrieval.sources.access_report import AccessReports
    from retrieval.sources.discovery import Discovery
    from retrieval.sources.uploads import Uploads
    from retrieval.storage.catalog import Catalog
    from retrieval.storage.index import Index
    from retrieval.storage.lexical_index import LexicalIndex
    from retrieval.storage.lexical_replica import LexicalReplica
    from retrieval.storage.roots import Roots
    from retrieval.storage.runs import Runs
    from retrieval.storage.vector_store import VectorStore
    from retrieval.text.glossary import Glossary

# Grows when loading or splitting changes what is stored, so that old indexes are rebuilt.
_PIPELINE = 5


class Installation:
    """The parts of one installation, each made on first use."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        # Whether an indexing run embeds on a Ray cluster, in place of this process.
        self.embeds_on_ray = False

    @property
    def fingerprint(self) -> str:
        """Names what an index depends on; another one means a rebuild."""
        settings = self.settings
        return f"{settings.embedding_model}, {settings.passage_tokens} tokens, pipeline {_PIPELINE}"

    @cached_property
    def catalog(self) -> "Catalog":
        """The catalog, its tables up to date."""
        from retrieval.storage.catalog import Catalog

        return Catalog(self.engine)

    @cached_property
    def idempotency_keys(self) -> "IdempotencyKeys":
        """What was taken up already, such as Slack events."""
        from bot.conversations.idempotency_keys import IdempotencyKeys

        return IdempotencyKeys(self.engine)

    @cached_property
    def rate_windows(self) -> "RateWindows":
        """How often people and channels have asked, for all processes."""
        from bot.conversations.rate_windows import RateWindows

        return RateWindows(self.engine)

    @cached_property
    def exchanges(self) -> "Exchanges":
        """What was asked in conversations."""
        from bot.conversations.exchanges import Exchanges

        return Exchanges(self.engine)

    @cached_property
    def heartbeats(self) -> "Heartbeats":
        """The processes that answer questions from this database."""
        from bot.conversations.heartbeats import Heartbeats

        return Heartbeats(self.engine)

    @cached_property
    def glossary(self) -> "Glossary":
        """Names that mean the same."""
        from retrieval.text.glossary import load_glossary

        return load_glossary(self.settings.glossary)

    @cached_property
    def engine(self) -> "Engine":
        """The database of catalog and claims, its tables up to date."""
        from retrieval.database.engine import open_database

        self._make_home()
        return open_database(self.settings.database)

    @cached_property
    def embeddings(self) -> "Embedder":
        """The embedding model, loaded on first use."""
        from retrieval.embedding.opening import open_embedder

        return open_embedder(self.settings.embedding_model, self.settings.embedding_precision)

    @cached_property
    def vectors(self) -> "VectorStore":
        """Chroma, embedded or by URL."""
        from retrieval.storage.vector_store import VectorStore

        location = self.settings.chroma_url or self.settings.home / "chroma"
        return VectorStore(location)

    def lexical(self, build_id: str) -> "LexicalIndex":
        """Returns the lexical index of a build."""
        from retrieval.storage.lexical_index import LexicalIndex
        from retrieval.system.containment import folder_in

        return LexicalIndex(folder_in(self.settings.home / "lexical", build_id))

    @cached_property
    def cluster(self) -> "RayEmbeddings":
        """The embedding model on a Ray cluster, joined or started on first use."""
        from retrieval.embedding.ray_cluster import RayEmbeddings

        return RayEmbeddings(self.settings.embedding_model, self.settings.embedding_precision)

    @cached_property
    def index(self) -> "Index":
        """Catalog, vectors and lexical index, written together."""
        from retrieval.storage.index import Index

        embed = (self.cluster if self.embeds_on_ray else self.embeddings).embed
        return Index(self.catalog, self.vectors, self.lexical, embed)

    @cached_property
    def backups(self) -> "Backups":
        """What backs the index up and restores it."""
        from retrieval.backup.backups import BackupRules, Backups
        from retrieval.backup.encryption import read_key

        settings = self.settings
        secret = settings.backup_key.get_secret_value() if settings.backup_key else None
        rules = BackupRules(
            self.fingerprint, settings.home, settings.documents,
            lambda: self.embeddings.embed(["monazite"]).shape[1],
            read_key(secret, settings.backup_key_file), settings.max_file_mb,
        )  # fmt: skip
        return Backups(
            self.index, self.runs, self.roots, self.discovery, self.access_reports, rules
        )

    @cached_property
    def verifier(self) -> "IndexVerifier":
        """What proves that the index is whole."""
        from retrieval.indexing.verification import IndexVerifier

        return IndexVerifier(self.index, self.runs)

    @cached_property
    def indexer(self) -> "Indexer":
        """What `monazite index` runs."""
        from retrieval.indexing.indexer import Indexer, Pipeline
        from retrieval.loading.document_reader import DocumentReader, ReadingLimits
        from retrieval.splitting.splitter import Splitter

        settings = self.settings
        pipeline = Pipeline(
            self.discovery,
            DocumentReader(
                ReadingLimits(settings.max_file_mb, settings.file_seconds, ocr=settings.ocr)
            ),
            Splitter(self.embeddings, settings.passage_tokens),
            self.fingerprint,
            self._keep_traceback,
        )
        return Indexer(
            self.index, self.embeddings, pipeline, self.runs, self.roots, self.access_reports
        )

    @cached_property
    def access_reports(self) -> "AccessReports":
        """What the access rules did in the latest runs."""
        from retrieval.sources.access_report import AccessReports

        return AccessReports(self.engine)

    @cached_property
    def discovery(self) -> "Discovery":
        """What finds documents."""
        from retrieval.fetching.page_updates import PageUpdates
        from retrieval.sources.discovery import Discovery

        updates = PageUpdates(self.fetcher, self.settings.fetch_seconds)
        return Discovery(self.fetcher, updates, self.settings.selection, self.settings.home)

    @cached_property
    def roots(self) -> "Roots":
        """The folders that are indexed."""
        from retrieval.storage.roots import Roots

        return Roots(self.engine)

    def _keep_traceback(self, error: Exception) -> str:
        """Writes down what nobody expected; returns the id that it is found by."""
        from bot.runtime.request_ids import new_request_id
        from bot.telemetry.logs import write_traceback

        request_id = new_request_id()
        write_traceback(self.settings.home, error, request_id)
        return request_id

    @cached_property
    def uploads(self) -> "Uploads":
        """The files that were added from Slack."""
        from retrieval.sources.uploads import Uploads

        return Uploads(self.settings.documents)

    @cached_property
    def remover(self) -> "Remover":
        """What takes documents out of the index, and deletes them."""
        from retrieval.indexing.removal import Remover

        forget_pages = self.fetcher.forget_others
        return Remover(self.index, self.runs, self.uploads, self.roots, forget_pages)

    @cached_property
    def fetcher(self) -> "Fetcher":
        """What brings pages here."""
        from retrieval.fetching.page_cache import Fetcher
        from retrieval.fetching.safe_http import Web, WebRules

        settings = self.settings
        rules = WebRules(settings.max_file_mb, settings.file_seconds, settings.private_hosts)
        return Fetcher(settings.home / "fetched", Web(rules))

    @cached_property
    def runs(self) -> "Runs":
        """The runs that change the index, one at a time."""
        from retrieval.storage.run_lock import RunLock
        from retrieval.storage.runs import Runs

        return Runs(self.engine, RunLock(self.engine, self.settings.home / "index.lock"))

    @cached_property
    def searcher(self) -> "Searcher":
        """What finds passages."""
        from retrieval.search.cross_encoder import CrossEncoderReranker
        from retrieval.search.searcher import Models, Searcher

        name = self.settings.reranker_model
        models = Models(self.embeddings, CrossEncoderReranker(name) if name else None)
        return Searcher(
            self.catalog,
            self.vectors,
            self.lexical_replica,
            models,
            self.glossary,
            self.fingerprint,
        )

    @cached_property
    def lexical_replica(self) -> "LexicalReplica":
        """What brings the lexical index up to what an indexer elsewhere has changed."""
        from retrieval.storage.lexical_replica import LexicalReplica

        return LexicalReplica(self.catalog, self.lexical, self.settings.home / "lexical")

    @cached_property
    def journal(self) -> "Journal":
        """What was answered, and at what cost."""
        from bot.journal.entries import Journal

        return Journal(self.engine)

    @cached_property
    def metrics(self) -> "Metrics":
        """Counts and times of this process."""
        from bot.telemetry.metrics import Metrics

        return Metrics()

    @cached_property
    def answerer(self) -> "Answerer":
        """What answers questions; a chat model writes where one is set."""
        parts = self.writing
        return self._make_answerer(parts.planner, parts.author) if parts else self.plain_answerer

    @cached_property
    def plain_answerer(self) -> "Answerer":
        """What answers with the documents' own sentences, at no cost."""
        return self._make_answerer(self._rule_planner, None)

    @cached_property
    def journal_search(self) -> "JournalSearch":
        """What finds entries of the journal again."""
        from bot.journal.search import JournalSearch

        return JournalSearch(self.engine)

    @cached_property
    def recorder(self) -> "Recorder":
        """What answers people's questions, on the record."""
        from bot.answering.recorder import Recorder
        from bot.telemetry.logs import question_worder

        word = question_worder(self.settings.log_questions)
        return Recorder(self.answerer, self.journal, self.metrics, self._report, word)

    @cached_property
    def suggestions(self) -> "Suggestions":
        """Example questions, drawn from the index."""
        from bot.answering.suggestions import Suggestions

        return Suggestions(self.catalog, self.plain_answerer, self.glossary)

    @cached_property
    def writing(self) -> "WritingParts | None":
        """What writes answers, where a chat model is set."""
        if self.settings.chat_model is None:
            return None
        from bot.wiring.writing import assemble_writing

        return assemble_writing(self, self._rule_planner, self._report)

    @cached_property
    def _rule_planner(self) -> "Planner":
        from bot.questions.planner import RulePlanner

        return RulePlanner(self.glossary)

    def _make_answerer(self, planner: "Planner", author: "Author | None") -> "Answerer":
        from bot.answering.answerer import Answerer, AnswerRules

        settings = self.settings
        rules = AnswerRules(
            settings.passages, settings.min_confidence, settings.max_answer_words,
            settings.answer_seconds, settings.chat_passages,
        )  # fmt: skip
        embed = self._sentence_vectors.embed
        return Answerer(self.searcher, self.catalog, embed, rules, planner, author)

    @cached_property
    def _sentence_vectors(self) -> "VectorCache":
        from retrieval.embedding.cache import VectorCache

        return VectorCache(self.embeddings.embed)

    def _report(self, error: Exception, request_id: str) -> None:
        from bot.telemetry.logs import write_traceback

        write_traceback(self.settings.home, error, request_id)

    def _make_home(self) -> None:
        """Makes the data folder, and closes what there is of it to other users of the machine."""
        from retrieval.domain.errors import ConfigurationError
        from retrieval.system.permissions import close_home

        try:
            self.settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
            close_home(self.settings.home)
        except OSError as error:
            raise ConfigurationError(
                f"The data folder {self.settings.home} cannot be made ({error.strerror}); "
                "set MONAZITE_HOME to a folder you can write to"
            ) from error
