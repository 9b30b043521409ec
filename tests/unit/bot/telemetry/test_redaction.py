import pytest
from pydantic import SecretStr

from bot.slack.api.settings import SlackSettings
from bot.telemetry.redaction import Redactor, redact, secrets_of
from bot.wiring.settings import Settings

# A value for every secret setting that there is; a new one has to be added here.
SECRETS = {
    "database_url": "postgresql://monazite:s3cr3t@db/x", "chat_api_key": "schlüssel-des-anbieters", "ops_token": "zwanzig-zeichen-genau",
    "bot_token": "kein-xoxb-token", "app_token": "kein-xapp-token", "config_token": "kein-xoxe-token", "signing_secret": "unterschrift", "backup_key": "sicherungs-schluessel",
}  # fmt: skip


@pytest.mark.parametrize(
    "secret",
    [
        "xoxb-123456-abcdef",
        "xapp-1-A02-777",
        "sk-ant-api03-abcdefgh",
        "postgresql://u:geheim@h/d",
        "Bearer a.b-c",
    ],
)
def test_what_looks_like_a_secret_is_taken_out(secret: str) -> None:
    cleaned = redact(f"failed with {secret} there")
    assert secret not in cleaned
    assert "geheim" not in cleaned
    assert cleaned.startswith("failed with")


def test_every_secret_setting_is_known_by_its_value() -> None:
    declared = {
        name
        for settings in (Settings, SlackSettings)
        for name, field in settings.model_fields.items()
        if "SecretStr" in str(field.annotation)
    }
    assert declared == set(SECRETS)
    hidden = {name: SecretStr(value) for name, value in SECRETS.items()}
    ours = Settings(
        _env_file=None, **{n: v for n, v in hidden.items() if n in Settings.model_fields}
    )
    slack = SlackSettings(
        _env_file=None, **{n: v for n, v in hidden.items() if n in SlackSettings.model_fields}
    )
    known = secrets_of(ours, slack, environment={})
    assert known == set(SECRETS.values())
    line = "; ".join(SECRETS.values())
    assert Redactor(known).clean(line) == "; ".join(["***"] * len(SECRETS))


def test_a_password_in_a_setting_that_is_a_url_is_taken_out() -> None:
    settings = Settings(_env_file=None, database_url="postgresql://monazite:s3cr3t@db/x")
    assert "s3cr3t" not in Redactor(secrets_of(settings, environment={})).clean(settings.database)


def test_keys_of_providers_in_the_environment_are_secrets_too() -> None:
    environment = {"ANTHROPIC_API_KEY": "not-like-a-key", "PGPASSWORD": "hunter22", "LANG": "de_DE"}
    assert secrets_of(environment=environment) == {"not-like-a-key", "hunter22"}


def test_a_value_too_short_to_be_told_from_words_is_left() -> None:
    assert secrets_of(environment={"A_TOKEN": "abc"}) == set()


def test_the_longer_of_two_secrets_is_taken_out_whole() -> None:
    assert Redactor({"geheim", "geheimnis-1"}).clean("geheimnis-1") == "***"


def test_a_whole_entry_is_cleaned_whatever_it_holds() -> None:
    entry = {"event": "geheim", "n": 3, "of": ("geheim",), "odd": ValueError("geheim"), "no": None}
    cleaned = Redactor({"geheim"})(None, "info", entry)
    assert cleaned == {"event": "***", "n": 3, "of": ["***"], "odd": "***", "no": None}
