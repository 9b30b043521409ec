"""Slack's own settings: SLACK_BOT_TOKEN and its kin, from the environment or `.env`."""

import os

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import SettingsConfigDict

from bot.wiring.env_file import EnvFileSettings, names_in, trusted_env_file
from retrieval.domain.errors import ConfigurationError


class SlackSettings(EnvFileSettings):
    """Tokens, the address of the Web API (another one for tests and gateways), and limits.

    `admin_channel` is the id of the channel that takes questions without an answer,
    `admins` the ids of users and user groups who may use `/monazite`, separated by commas;
    a limit of 0 lets every question through.
    """

    model_config = SettingsConfigDict(env_prefix="SLACK_", env_file=".env", extra="ignore")

    bot_token: SecretStr = Field(default=SecretStr(""))
    app_token: SecretStr = Field(default=SecretStr(""))
    signing_secret: SecretStr = Field(default=SecretStr(""))
    config_token: SecretStr | None = Field(
        default=None, description="lets `doctor --slack` see what the app is subscribed to"
    )
    api_url: str = "https://slack.com/api/"
    admin_channel: str = ""
    admins: str = ""
    user_questions_per_minute: int = Field(default=10, ge=0)
    channel_questions_per_minute: int = Field(default=60, ge=0)


def read_slack_settings(mode: str) -> SlackSettings:
    """Returns the settings. Raises `ConfigurationError` naming what `mode` needs and lacks.

    `mode` is "socket" or "http", or "any" for what both need.
    """
    file = trusted_env_file()
    _check_address(names_in(file))
    try:
        settings = SlackSettings(_env_file=file)  # type: ignore[call-arg]  # pydantic-settings adds it
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0]).upper()
        raise ConfigurationError(f"SLACK_{name} is not usable") from None
    needed = {"SLACK_BOT_TOKEN": settings.bot_token}
    if mode == "socket":
        needed["SLACK_APP_TOKEN"] = settings.app_token
    elif mode == "http":
        needed["SLACK_SIGNING_SECRET"] = settings.signing_secret
    for name, value in needed.items():
        if not value.get_secret_value():
            raise ConfigurationError(
                f"{name} is not set; copy it from your app's page at api.slack.com"
            )
    return settings


def _check_address(in_file: frozenset[str]) -> None:
    """Refuses an address from `.env` for a token that is not from there: it decides who gets the token."""
    outside = {name.upper() for name in os.environ}
    address, token = "SLACK_API_URL", "SLACK_BOT_TOKEN"
    if address in in_file - outside and token in outside:
        raise ConfigurationError(
            f"{address} stands in .env, and {token} in the environment; put both in one place"
        )
