"""`python -m tests.slack`: a workspace to try the bot in, at a local address."""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

from tests.slack.bot import ENVIRONMENT
from tests.slack.page import Page
from tests.slack.server import Serving


def main() -> None:
    parser = argparse.ArgumentParser(description="A Slack on loopback, with a page to type in.")
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--bot", action="store_true", help="also run monazite serve against it")
    options = parser.parse_args()
    page = Page()
    with Serving(page.slack.app, options.port) as serving:
        page.slack.url = f"http://127.0.0.1:{serving.port}"
        page.slack.send = page.slack.send_by_socket
        environment = ENVIRONMENT | {"SLACK_API_URL": f"{page.slack.url}/api/"}
        print(f"Open {page.slack.url} in a browser; Ctrl-C ends it.", flush=True)
        if not options.bot:
            settings = " ".join(f"{name}={value}" for name, value in environment.items())
            print(f"Run the bot with: {settings} monazite serve", flush=True)
        _run(environment if options.bot else None)


def _run(environment: dict[str, str] | None) -> None:
    """Runs the bot, or just waits, until Ctrl-C."""
    try:
        if environment is None:
            while True:
                time.sleep(3600)
        command = [Path(sys.executable).parent / "monazite", "serve"]
        sys.exit(subprocess.run(command, env=os.environ | environment, check=False).returncode)
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
