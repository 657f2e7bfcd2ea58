"""What an edit will cost, said before it is asked for. What one did cost is said by `bot/messages/history.py`.

Prices are those of `client/prices.py`: a list that somebody looked up on a certain day, for some regions only.
"""

from __future__ import annotations

from decimal import Decimal

from bot.budget import Tariff
from bot.language import say, sentences
from bot.messages.words import amount
from client import prices
from client.models import MAX_S, EditRequest, Parameters
from client.prices import Money

TYPICAL_S = 5.0


def estimate(
    parameters: Parameters, *, tariff: Tariff, source_s: float | None = None, variations: int = 1
) -> str:
    """Say what edits of a video of `source_s` will cost, as plain text; where no price is known, what is billed."""
    request = EditRequest(prompt="", video="", parameters=parameters)
    region, currency = tariff.region, tariff.currency
    known = prices.price(request.model, region, parameters.resolution, currency) if region else None
    length_s = source_s or TYPICAL_S
    together = say("That is for all {count} results.", count=variations) if variations > 1 else ""
    if known is None or region is None:
        billed = amount(prices.billed_s(request, length_s) * variations)
        if source_s:
            said = say("About {billed} will be billed: the video and the result together.", billed=billed)
            return sentences(said, together)
        said = say(
            "Wan bills the seconds of the video and of the result: {billed} for a video of {length}.",
            billed=billed, length=amount(length_s),
        )  # fmt: skip
        return sentences(said, together)

    def costs(seconds: float) -> Money:
        price_of_one = prices.estimate(request, region, seconds, currency)
        assert price_of_one is not None  # the same look-up found a price above
        return Money(price_of_one.amount * Decimal(variations), price_of_one.currency)

    date = f"{known.checked_on:%Y-%m-%d}"
    if source_s:
        said = say(
            "About {price} for {length}, by the price list of {date}.",
            price=costs(source_s), length=amount(source_s), date=date,
        )  # fmt: skip
        return sentences(said, together)
    said = say(
        "About {price} for a video of {length} and {most} for one of {longest}, by the price list of {date}.",
        price=costs(TYPICAL_S), length=amount(TYPICAL_S), most=costs(MAX_S), longest=amount(MAX_S), date=date,
    )  # fmt: skip
    return sentences(said, together)
