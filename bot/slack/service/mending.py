"""Fills derived indexes in again that a crash left damaged, before questions are answered from them."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.telemetry.logs import log_of
from retrieval.domain.errors import IndexBusyError

if TYPE_CHECKING:
    from bot.wiring.installation import Installation

_log = log_of("monazite")


def mend_derived_indexes(
    installation: "Installation", report: Callable[[Exception, str], object], request_id: str
) -> None:
    """Looks at Chroma and the lexical index, and fills those in again that cannot be used.

    What keeps it from looking or mending is reported, and does not keep the bot from starting: a
    question says what is wrong.
    """
    try:
        build = installation.catalog.live_build()
        damages = installation.index.damages(build.id) if build else {}
        for name, reason in damages.items():
            _log.warning("damaged, and filled in again", index=name, reason=reason)
        if damages:
            installation.verifier.verify(repair=True)
            _log.info("filled in again", index=", ".join(damages))
    except IndexBusyError:
        _log.info("a run is at work, and fills it in again")
    except Exception as error:  # noqa: BLE001  whatever it is, the bot starts
        report(error, request_id)
        _log.error("derived indexes cannot be looked at", request_id=request_id)
