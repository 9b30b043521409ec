"""Settings: environment variables named MONAZITE_…, or the same in a file `.env`."""

from functools import cached_property
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from retrieval.errors import ConfigurationError
from retrieval.glossary import DEFAULT_GLOSSARY
from retrieval.model_files import DEFAULT_MODEL


class Settings(BaseSettings):
    """Everything that can be set. Paths may be relative to the working directory."""

    model_config = SettingsConfigDict(env_prefix="MONAZITE_", env_file=".env", extra="ignore")

    home: Path = Field(default=Path(".monazite"), description="data folder")
    documents: Path = Field(default=Path("seeds"), description="folder indexed when none is named")
    embedding_model: str = Field(default=DEFAULT_MODEL, min_length=1)
    chroma_url: str | None = Field(
        default=None, description="a Chroma server, instead of an embedded one"
    )
    database_url: SecretStr | None = Field(
        default=None, description="instead of SQLite in the data folder"
    )
    chat_model: str | None = Field(default=None, description="provider:model that writes answers")
    glossary: Path = DEFAULT_GLOSSARY
    passage_tokens: int = Field(default=190, ge=32, le=2000)
    passages: int = Field(default=8, ge=1, le=16, description="passages read for an answer")
    min_confidence: float = Field(
        default=0.5, ge=0, le=1, description="below it the bot does not know"
    )
    max_answer_words: int = Field(default=120, ge=20, le=400)

    @field_validator("chroma_url", "database_url", "chat_model", mode="before")
    @classmethod
    def _empty_is_unset(cls, value: object) -> object:
        return None if value == "" else value

    @cached_property
    def database(self) -> str:
        """The URL of the catalog's database."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.home.absolute() / 'catalog.db'}"


def read_settings() -> Settings:
    """Returns the settings. Raises `ConfigurationError` naming the variable that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        raise ConfigurationError(f"MONAZITE_{name} is not usable: {first['msg']}") from None
