"""What an edit costs: before it from its length, after it from the usage that the service reports; pure.

Billed seconds = seconds of the input + seconds of the output; pictures are free, and so are tasks that fail:
https://help.aliyun.com/zh/model-studio/wan-video-editing-guide
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType
from typing import Literal

from client.catalogue import HAPPY_HORSE, MODELS
from client.models import DEFAULT_MODEL, EditRequest, Resolution, Usage
from client.regions import Region

Currency = Literal["CNY", "USD"]


@dataclass(frozen=True, slots=True)
class Money:
    """Hold an amount; as text it is rounded to cents."""

    amount: Decimal
    currency: Currency

    def __str__(self) -> str:
        """Write `¥6.00` or `$1.00`."""
        sign = "¥" if self.currency == "CNY" else "$"
        return f"{sign}{self.amount.quantize(Decimal('0.01'), ROUND_HALF_UP)}"


@dataclass(frozen=True, slots=True)
class Price:
    """Name the price of one billed second, and when and where we last looked."""

    model: str
    region: Region
    resolution: Resolution
    currency: Currency
    per_s: Decimal
    checked_on: date
    source: str


def _price(model: str, region: Region, resolution: Resolution, currency: Currency, per_s: str, source: str) -> Price:
    return Price(model, region, resolution, currency, Decimal(per_s), date(2026, 9, 30), source)


CITED = "third parties that cite the official price page"
HEARD = "a third party, without a source"
ROUNDED = "the cited price in CNY at its own rate of 7.339, which gives these round figures"
# By how much a bill may differ from the length of a video, for each of the two: how they are measured and rounded is
# not documented. Bills that were seen have hundredths of a second; a sound track, or the last picture, may last a tenth
# longer.
SPARE_S = 0.5
RESOLUTIONS: Mapping[int | None, Resolution] = MappingProxyType({720: "720P", 1080: "1080P"})  # of `usage.SR`

# The first row of a model, region and resolution is in the currency that its accounts usually have. What is not in
# here, as HappyHorse outside Beijing, we do not know.
PRICES: tuple[Price, ...] = (
    _price(DEFAULT_MODEL, "cn-beijing", "720P", "CNY", "0.6", CITED),
    _price(DEFAULT_MODEL, "cn-beijing", "1080P", "CNY", "1.0", CITED),
    _price(DEFAULT_MODEL, "ap-southeast-1", "720P", "USD", "0.10", ROUNDED),
    _price(DEFAULT_MODEL, "ap-southeast-1", "1080P", "USD", "0.15", ROUNDED),
    _price(DEFAULT_MODEL, "ap-southeast-1", "720P", "CNY", "0.733924", CITED),
    _price(DEFAULT_MODEL, "ap-southeast-1", "1080P", "CNY", "1.100886", CITED),
    _price(HAPPY_HORSE, "cn-beijing", "720P", "CNY", "0.9", HEARD),
    _price(HAPPY_HORSE, "cn-beijing", "1080P", "CNY", "1.6", HEARD),
)


def price(model: str, region: Region, resolution: Resolution, currency: Currency | None = None) -> Price | None:
    """Find a price, in the currency of the account where it is named; None where we know none."""
    for row in PRICES:
        if (row.model, row.region, row.resolution) == (model, region, resolution) and currency in (None, row.currency):
            return row
    return None


def billed_s(request: EditRequest, source_s: float) -> float:
    """Say about how many seconds are billed for an edit of a video of `source_s`; `SPARE_S` says how far it may be off.

    What of the input is billed when only its beginning is edited is not documented, so all of it counts.
    """
    return source_s + min(source_s, request.parameters.duration_s or source_s, MODELS[request.model].max_output_s)


def estimate(request: EditRequest, region: Region, source_s: float, currency: Currency | None = None) -> Money | None:
    """Say about what an edit of a video of `source_s` will cost; None where we know no price."""
    found = price(request.model, region, request.parameters.resolution, currency)
    return Money(found.per_s * Decimal(str(billed_s(request, source_s))), found.currency) if found else None


def cost(
    usage: Usage, region: Region, model: str = DEFAULT_MODEL, currency: Currency | None = None,
    *, asked: Resolution | None = None,
) -> Money | None:  # fmt: skip
    """Say what a finished task cost; None where we know no price.

    Where the usage names no resolution that we know, it is taken to be the one that was `asked` for.
    """
    resolution = RESOLUTIONS.get(usage.resolution, asked)
    found = price(model, region, resolution, currency) if resolution else None
    return Money(found.per_s * Decimal(str(usage.billed_s)), found.currency) if found else None
