"""Words that several messages share: durations, the options of an edit, what it cost, its buttons."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.again import Way
from bot.edit import Billed, Charge, Edit, Failure, Part, Reason, State
from bot.language import counted, say
from bot.messages.blocks import Block, button
from bot.text import escape, shorten
from client.models import Parameters, Usage
from client.options import moment
from client.prices import Money

LINK_LIVES = timedelta(hours=24)  # https://help.aliyun.com/zh/model-studio/wan-video-editing-api-reference
RETRY = Way.SAME.value
VARY = Way.NEW_SEED.value
SLOW_DOWN = Way.SLOWED.value
VERBATIM = Way.WORD_FOR_WORD.value
MORE = "more"  # the menu, whose values are an action and an edit's id
REMOVE = "remove"
COMPARE = "compare"
FROM_ORIGINAL = "original"
EDIT_AGAIN = "edit_again"
CANCEL = "cancel"
APPROVE = "approve"
DECLINE = "decline"
DETAILS = "details"


def duration(span: timedelta) -> str:
    """Write `14 s`, `2 min 14 s` or `1 h 5 min`."""
    seconds = max(0, int(span.total_seconds()))
    minutes, hours = seconds // 60, seconds // 3600
    if hours:
        return say("{hours} h {minutes} min", hours=hours, minutes=minutes % 60)
    if minutes:
        return say("{minutes} min {seconds} s", minutes=minutes, seconds=seconds % 60)
    return say("{seconds} s", seconds=seconds)


def local_time(at: datetime) -> str:
    """Write a time so that Slack shows it in the reader's own time zone and language, as mrkdwn.

    https://docs.slack.dev/messaging/formatting-message-text#date-formatting
    """
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{at:%Y-%m-%d %H:%M} UTC>"


def link_ends(edit: Edit) -> str:
    """Write until when the provider's link to the result can be used."""
    return local_time((edit.finished_at or edit.entered_at) + LINK_LIVES)


def sent_by_link(edit: Edit) -> str:
    """Say, without the link, that the result of a failed delivery went to the requester by direct message; mrkdwn."""
    if not edit.link_sent:
        return ""
    return say(
        "The video was made: I sent {person} a link to it by direct message, good until {time}.",
        person=f"<@{escape(edit.user)}>",
        time=link_ends(edit),
    )


def amount(seconds: float) -> str:
    """Write a number of seconds without needless digits: `8 s`, `10.04 s`."""
    return say("{seconds} s", seconds=f"{seconds:.2f}".rstrip("0").rstrip("."))


def options(edit: Edit) -> str:
    """Write which options the edit uses: `720P · 9:16 · first 5 s · seed 42`. The negative prompt is not among them.

    The part of the video that was asked for is among them until it is known which part was used.
    """
    chosen = option_words(edit.parameters, None if edit.fitted else edit.part)
    pictures = [counted("{count} picture", "{count} pictures", len(edit.images))] if edit.images else []
    return " · ".join([edit.parameters.resolution, *chosen, *pictures])


def unwanted(edit: Edit) -> str:
    """Write what must not appear in the video, shortened; nothing where nobody said so. Plain text."""
    return say("without {things}", things=shorten(edit.negative_prompt, 100)) if edit.negative_prompt else ""


def option_words(chosen: Parameters, part: Part | None) -> list[str]:
    """Write which options differ from what is usual, but for the resolution; plain text."""
    words = [
        chosen.ratio,
        _part(part) if part else None,
        say("first {seconds} s", seconds=chosen.duration_s) if chosen.duration_s else None,
        say("seed {seed}", seed=chosen.seed) if chosen.seed is not None else None,
        say("sound kept") if chosen.audio_setting == "origin" else None,
        say("word for word") if not chosen.prompt_extend else None,
    ]
    return [word for word in words if word]


def _part(part: Part) -> str:
    if part.to_s is None:
        return say("from {start}", start=moment(part.from_s))
    return say("only {start}–{end}", start=moment(part.from_s), end=moment(part.to_s))


def requested_by(edit: Edit) -> str:
    """Name whoever asked for the edit, as mrkdwn."""
    return say("requested by {person}", person=f"<@{escape(edit.user)}>")


def bill(usage: Usage) -> str:
    """Write what was billed: `10.04 s (5.02 s in + 5.02 s out)`."""
    if usage.input_s and usage.output_s:
        return say(
            "{total} ({input} in + {output} out)",
            total=amount(usage.billed_s),
            input=amount(usage.input_s),
            output=amount(usage.output_s),
        )
    return amount(usage.billed_s)


def bill_and_price(edit: Edit, usage: Usage) -> str:
    """Write what was billed, and about how much money that is where the price is known."""
    money, priced_on = edit.charge.money, edit.charge.priced_on
    if money is None or priced_on is None:
        return bill(usage)
    return say(
        "{seconds}, about {money} by the list price of {date}",
        seconds=bill(usage), money=money, date=priced_on.isoformat(),
    )  # fmt: skip


def made_fit(edit: Edit) -> str:
    """Write what was done to make the media fit, not escaped: `used 0:00–0:09.9 · turned upright`."""
    return " · ".join(shorten(fact, 100) for fact in edit.fitted)


def expected(edit: Edit) -> str:
    """Write what an edit is expected to cost, once it is prepared; before that nobody knows."""
    return to_bill(edit.charge) if edit.video_url else ""


def to_bill(charge: Charge, *, times: int = 1) -> str:
    """Write what so many edits are expected to cost: `about 10 s to bill (¥6.00)`."""
    seconds, money = amount(charge.seconds * times), charge.money
    if money is None:
        return say("about {seconds} to bill", seconds=seconds)
    total = Money(money.amount * times, money.currency)
    return say("about {seconds} to bill ({money})", seconds=seconds, money=total)


def billed(edit: Edit) -> Billed:
    """Say whether the edit was paid for: what the provider finished was, whatever happened afterwards."""
    if edit.finished_at is not None:
        return "yes"
    return edit.failure.billed if edit.failure else "no"


def cost(paid: Billed) -> str:
    """Say in a sentence whether something was paid for."""
    match paid:
        case "no":
            return say("It cost nothing.")
        case "maybe":
            return say("It may have been billed.")
        case "yes":
            return say("It was billed.")


def next_step(why: Failure, *, rewrites: bool = True, accepted: bool = True) -> str:
    """Say what the person can do now.

    `rewrites`: the prompt was rewritten, which can be switched off; `accepted`: the media passed our checks, so that
    the instruction alone can be changed.
    """
    match why.reason:
        case Reason.INPUT if why.remedy == "slow_down":
            return say("*Slow it down* makes it long enough; its sound is left out.")
        case Reason.INPUT if why.remedy == "options":
            return say("*Open the form* keeps the video and your instruction, and lets you change the options.")
        case Reason.INPUT if why.remedy == "picture":
            return say("*Open the form* keeps the video and your instruction, and takes other pictures.")
        case Reason.INPUT if why.remedy == "retry":
            return say("*Retry* works as soon as that is changed.")
        case Reason.INPUT:
            if accepted:
                return say("Use *Edit again* to change the instruction.")
            return say("*Open the form* keeps your instruction and asks for another video.")
        case Reason.CONTENT if rewrites:
            return say(
                "Use *Edit again* to reword it. Sometimes Wan refuses what it made of the instruction itself: "
                "*Retry word for word* uses yours as it is."
            )
        case Reason.CONTENT:
            return say("Use *Edit again* to reword it, or take another video or picture.")
        case Reason.ADMIN:
            return say("Please tell an admin of this bot; *Retry* works once it is mended.")
        case Reason.LATER | Reason.EXPIRED:
            return say("Use *Retry* to run it again.")
        case Reason.BUDGET:
            return say("Ask an admin of this bot, or use *Retry* when there is room in the budget again.")
        case Reason.UNKNOWN_OUTCOME:
            return say("If you want to pay for it again, use *Retry*.")
        case Reason.BUG:
            return say("*Retry* may help; if not, please tell an admin of this bot.")


def remedies(edit: Edit) -> tuple[str, ...]:
    """Name the buttons that help after the end of an edit; `next_step` speaks of them."""
    match edit.state:
        case State.DONE:
            return RETRY, EDIT_AGAIN
        case State.CANCELED:
            return (RETRY,)
        case State.FAILED if edit.failure is not None:
            return _mending(edit, edit.failure)
        case _:
            return ()


def _mending(edit: Edit, why: Failure) -> tuple[str, ...]:
    match why.reason:
        case Reason.INPUT if why.remedy == "slow_down":
            return (SLOW_DOWN,)
        case Reason.INPUT if why.remedy == "retry":
            return (RETRY,)
        case Reason.INPUT:
            return (EDIT_AGAIN,)
        case Reason.CONTENT if edit.parameters.prompt_extend:
            return VERBATIM, EDIT_AGAIN
        case Reason.CONTENT:
            return (EDIT_AGAIN,)
        case _:
            return (RETRY,)


def buttons(edit: Edit) -> list[Block]:
    """Offer what makes sense after the end of an edit."""
    unread = edit.state is State.FAILED and edit.video_url is None  # whatever was wrong, the video was not taken
    labels = {
        RETRY: say("Retry"),
        VERBATIM: say("Retry word for word"),
        SLOW_DOWN: say("Slow it down"),
        EDIT_AGAIN: say("Open the form") if unread else say("Edit again"),
    }
    return [button(labels[remedy], remedy, edit.edit_id) for remedy in remedies(edit)]
