"""Settings: environment variables named MONAZITE_…, or the same in a file `.env`."""

import ipaddress
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import SettingsConfigDict

from bot.answering.abstention.thresholds import THRESHOLDS, Threshold
from bot.telemetry.logs import LogFormat, LogQuestions
from bot.wiring.env_file import EnvFileSettings, trusted_env_file
from retrieval.domain.errors import ConfigurationError
from retrieval.embedding.model_files import DEFAULT_MODEL, Precision
from retrieval.sources.scopes import Selection
from retrieval.text.glossary import DEFAULT_GLOSSARY

# Long enough that guessing is hopeless at the pace that logging in allows.
_SHORTEST_TOKEN = 16
ChatMethod = Literal["json_schema", "function_calling", "json_mode"]


class Settings(EnvFileSettings):
    """Everything that can be set. Paths may be relative to the working directory."""

    model_config = SettingsConfigDict(env_prefix="MONAZITE_", env_file=".env", extra="ignore")

    home: Path = Field(default=Path(".monazite"), description="data folder")
    documents: Path = Field(default=Path("seeds"), description="folder indexed when none is named")
    include: str = Field(default="", description="patterns of files that are documents")
    exclude: str = Field(default="", description="patterns of files that are none")
    fetch_private_hosts: str = Field(
        default="", description="hosts at private addresses that pages may be fetched from"
    )
    embedding_model: str = Field(default=DEFAULT_MODEL, min_length=1)
    embedding_precision: Precision = Field(
        default="auto",
        description="auto, float32 or bfloat16; auto is what the processor is made for",
    )
    reranker_model: str | None = Field(
        default=None, description="a cross-encoder that looks at the best hits again"
    )
    chroma_url: str | None = Field(
        default=None, description="a Chroma server, instead of an embedded one"
    )
    database_url: SecretStr | None = Field(
        default=None, description="instead of SQLite in the data folder"
    )
    backup_key: SecretStr | None = Field(
        default=None, description="what backups are encrypted with"
    )
    backup_key_file: Path | None = Field(default=None, description="a file that holds that key")
    chat_model: str | None = Field(default=None, description="provider:model that writes answers")
    chat_base_url: str | None = Field(
        default=None, description="where to reach it, instead of its provider"
    )
    chat_api_key: SecretStr | None = Field(
        default=None, description="its key, instead of the provider's own variable"
    )
    chat_method: ChatMethod | None = Field(
        default=None, description="how it is held to the form of an answer"
    )
    chat_guided: bool | None = Field(
        default=None, description="whether its server decodes by grammar (llama.cpp, vLLM, Ollama)"
    )
    chat_temperature: float | None = Field(default=0.0, ge=0, le=2)
    chat_max_tokens: int = Field(default=2000, ge=100, le=100_000)
    chat_passages: int | None = Field(
        default=None, ge=1, le=16, description="passages it is shown, instead of all that are read"
    )
    answer_seconds: float = Field(
        default=30.0, ge=1, le=600, description="longest time for an answer"
    )
    daily_budget: float | None = Field(
        default=None, ge=0, description="US dollars a workspace may spend on it in a day"
    )
    prices: Path | None = Field(default=None, description="a TOML file of prices")
    prompts: Path | None = Field(default=None, description="a folder of prompts")
    ops_port: int | None = Field(
        default=None,
        ge=1,
        le=65535,
        description="port of /metrics, /healthz, /readyz and the pages",
    )
    ops_host: str = Field(default="127.0.0.1", min_length=1, description="address it listens on")
    ops_token: SecretStr | None = Field(
        default=None, description="what operators log in with; without it there are no pages"
    )
    ops_proxies: str = Field(
        default="",
        description="addresses or networks of proxies whose forwarded headers are believed there",
    )
    log_format: LogFormat = "auto"
    log_questions: LogQuestions = Field(
        default="text", description="what the log holds of a question: text, hash or off"
    )
    journal_days: int = Field(default=90, ge=0, description="days that answers are kept, 0 for all")
    glossary: Path = DEFAULT_GLOSSARY
    max_file_mb: int = Field(default=100, ge=1, description="largest file that is read")
    file_seconds: float = Field(
        default=60.0,
        gt=0,
        description="longest time of computing for reading a file, or by the clock for fetching one",
    )
    fetch_seconds: float = Field(
        default=600.0, gt=0, description="longest time for fetching all listed pages of a run"
    )
    ocr: str = Field(
        default="",
        pattern=r"^[A-Za-z_+]*$",
        description="languages of pictures of text: eng+chi_sim",
    )
    reindex_cron: str | None = Field(
        default=None, description="when `serve` indexes by itself: minute hour day month weekday"
    )
    passage_tokens: int = Field(default=190, ge=32, le=2000)
    passages: int = Field(default=8, ge=1, le=16, description="passages read for an answer")
    min_confidence: Threshold = Field(
        default=THRESHOLDS["balanced"],
        description="careful, balanced, eager, or a number: below it the bot does not know",
    )
    max_answer_words: int = Field(default=120, ge=20, le=400)

    @field_validator(
        "reranker_model", "chroma_url", "database_url", "chat_model", "chat_base_url", "chat_api_key", "chat_method",
        "chat_guided", "chat_temperature", "chat_passages", "ops_port", "ops_token", "daily_budget", "prices", "prompts", "reindex_cron", "backup_key",
        "backup_key_file", mode="before",
    )  # fmt: skip
    @classmethod
    def _empty_is_unset(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("ops_token")
    @classmethod
    def _is_long(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < _SHORTEST_TOKEN:
            raise ValueError(
                f"use at least {_SHORTEST_TOKEN} characters, such as: openssl rand -hex 24"
            )
        return value

    @field_validator("ops_proxies")
    @classmethod
    def _are_addresses(cls, value: str) -> str:
        for part in _parts(value):
            try:
                ipaddress.ip_network(part)
            except ValueError:
                raise ValueError(
                    f"{part!r} is no address or network such as 10.0.0.7 or 10.0.0.0/24"
                ) from None
        return value

    @field_validator("reindex_cron")
    @classmethod
    def _is_cron(cls, value: str | None) -> str | None:
        if value is None:
            return None
        from croniter import croniter

        if not croniter.is_valid(value) or len(value.split()) != 5:
            raise ValueError(
                f"{value!r} is not five fields such as '0 3 * * *' (each day at three)"
            )
        return value

    @property
    def selection(self) -> Selection:
        """Which files are documents: `include` and `exclude`, separated by commas."""
        return Selection(_parts(self.include), _parts(self.exclude))

    @property
    def private_hosts(self) -> frozenset[str]:
        """Names of hosts, in small letters, or addresses."""
        return frozenset(name.lower() for name in _parts(self.fetch_private_hosts))

    @property
    def trusted_proxies(self) -> tuple[str, ...]:
        """Whose forwarded headers the operators' port believes."""
        return _parts(self.ops_proxies)

    @cached_property
    def database(self) -> str:
        """The URL of the catalog's database."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.home.absolute() / 'catalog.db'}"


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def read_settings(paths: Sequence[Path] = ()) -> Settings:
    """Returns the settings. Raises `ConfigurationError` naming the variable that is wrong.

    `paths` are about to be indexed: a `.env` that lies there is not read.
    """
    try:
        return Settings(_env_file=trusted_env_file(paths))  # type: ignore[call-arg]  # pydantic-settings adds it
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        raise ConfigurationError(f"MONAZITE_{name} is not usable: {first['msg']}") from None
