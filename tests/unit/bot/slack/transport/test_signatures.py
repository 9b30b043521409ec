import pytest

from bot.slack.transport.signatures import SigningSecret, UnsignedError
from retrieval.domain.errors import ConfigurationError
from tests.attacks.http import sign

NOW = 1_700_000_000
BODY = b'{"type":"event_callback"}'


def headers(timestamp: str, signature: str) -> list[tuple[bytes, bytes]]:
    return [
        (b"x-slack-request-timestamp", timestamp.encode("latin-1")),
        (b"x-slack-signature", signature.encode("latin-1")),
    ]


def check(timestamp: str, signature: str, body: bytes = BODY) -> None:
    secret = SigningSecret("secret", lambda: NOW + 0.5)
    secret.prove(secret.read(headers(timestamp, signature)), body)


@pytest.mark.parametrize("age", [-299, 0, 299])
def test_what_was_signed_in_the_last_five_minutes_is_proved(age: int) -> None:
    check(str(NOW - age), sign(BODY, str(NOW - age), "secret"))


def test_any_bytes_can_be_signed() -> None:
    body = b"\xff\x00\xfe"
    check(str(NOW), sign(body, str(NOW), "secret"), body)


@pytest.mark.parametrize("age", [-301, 301, 3600, NOW, -(10**11)])
def test_what_is_older_or_of_the_future_is_not(age: int) -> None:
    with pytest.raises(UnsignedError, match="stale"):
        check(str(NOW - age), sign(BODY, str(NOW - age), "secret"))


@pytest.mark.parametrize("timestamp", ["nan", "", "1e9", "0x6553f100", "1_700_000_000", "²", " 1"])
def test_what_is_no_number_in_plain_digits_is_not(timestamp: str) -> None:
    with pytest.raises(UnsignedError, match="malformed timestamp"):
        check(timestamp, sign(BODY, timestamp, "secret"))


@pytest.mark.parametrize("signature", ["", "v0=", "v0=é", "v0=" + "é" * 64, "v0=" + "A" * 64])
def test_what_is_no_signature_is_not_compared(signature: str) -> None:
    with pytest.raises(UnsignedError, match="malformed signature"):
        check(str(NOW), signature)


def test_another_body_secret_or_time_is_found_out() -> None:
    right = sign(BODY, str(NOW), "secret")
    for timestamp, body in ((str(NOW), BODY + b" "), (str(NOW - 1), BODY), (f"0{NOW}", BODY)):
        with pytest.raises(UnsignedError, match="wrong"):
            check(timestamp, right, body)
    with pytest.raises(UnsignedError, match="wrong"):
        check(str(NOW), sign(BODY, str(NOW), "another"))


@pytest.mark.parametrize("secret", ["", " ", "\n"])
def test_without_a_secret_there_is_nothing_to_serve(secret: str) -> None:
    with pytest.raises(ConfigurationError, match="SLACK_SIGNING_SECRET"):
        SigningSecret(secret)
