"""Files of Slack's: where our token may go, and what there is nothing of."""

import json
from pathlib import Path
from typing import Any

import pytest

import tests.attacks
from bot.slack.api.files import may_have_token, name_of, problem_of, web_rules

_FILE = Path(tests.attacks.__path__[0]) / "slack-files.jsonl"
ATTACKS = [json.loads(line) for line in _FILE.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack["what"])
def test_our_token_goes_to_slacks_own_addresses_alone(attack: dict[str, Any]) -> None:
    assert may_have_token(attack["url"], attack["api"]) is attack["ours"]


@pytest.mark.parametrize(
    ("file", "problem"),
    [
        ({"id": "F1", "mode": "tombstone"}, "was deleted in Slack"),
        ({"id": "F1", "mode": "tombstone", "name": "a.txt"}, "was deleted in Slack"),
        ({"id": "F1", "mode": "hidden_by_limit"}, "limits of your Slack plan"),
        ({"id": "F1", "mode": "external", "name": "a"}, "is not kept in Slack"),
        ({"id": "F1", "is_external": True, "name": "a"}, "is not kept in Slack"),
        ({"id": "F1"}, "with a name"),
        ({"id": "F1", "name": None}, "with a name"),
        ({"id": "F1", "name": " \n"}, "with a name"),
        ({"id": "F1", "name": 7}, "with a name"),
        ({}, "with a name"),
    ],
)
def test_a_file_that_there_is_nothing_of_says_why(file: dict[str, Any], problem: str) -> None:
    assert problem in problem_of(file)


def test_a_file_that_can_be_had_has_no_problem() -> None:
    assert problem_of({"id": "F1", "name": "a.txt", "mode": "hosted"}) == ""
    # A file from another workspace: its name comes when Slack is asked.
    assert problem_of({"id": "F1", "file_access": "check_file_info"}) == ""


def test_the_name_of_a_file_is_one_line() -> None:
    assert name_of({"name": "a\n>“Fake”\u202e.txt"}) == "a >“Fake”.txt"
    assert name_of({"mode": "tombstone"}) == "A file without a name"


@pytest.mark.parametrize(
    ("api", "hosts", "only_https"),
    [
        ("https://slack.com/api/", frozenset(), True),
        ("https://slack-gov.com/api/", frozenset(), True),
        ("http://127.0.0.1:8080/api/", frozenset({"127.0.0.1"}), False),
        ("https://gateway.example/api/", frozenset({"gateway.example"}), True),
        ("http://gateway.example/api/", frozenset({"gateway.example"}), True),
    ],
)
def test_files_come_over_https_and_from_public_addresses(
    api: str, hosts: frozenset[str], only_https: bool
) -> None:
    rules = web_rules(api, 5, 7.0)
    assert (rules.megabytes, rules.seconds) == (5, 7.0)
    assert (rules.private_hosts, rules.only_https) == (hosts, only_https)
