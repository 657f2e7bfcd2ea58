"""From what people type to what they ask for: instruction, options and links, or the sentence that helps them.

The table of options is `client/options.py`, and how they are found in a text stands in `bot/flags.py` and
`bot/phrases.py`; Slack's wire format is undone in `bot/text.py`; attachments are sorted in `bot/attachments.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from bot.edit import Link, Part, Permalink, SlackFile
from bot.flags import find_flags
from bot.language import say
from bot.phrases import Phrase, find_phrases, without_phrases
from bot.text import Typed, TypedLink, read_text, shorten, without_control
from bot.usage import UsageError as UsageError  # whoever asks for a command catches it
from bot.wordings import Pair
from client.models import MAX_S, MIN_S, PROMPT_MAX_CHARS, Parameters
from client.options import Chosen, OptionError, apply_options


@dataclass(frozen=True, slots=True)
class Command:
    """What a person asks for, without the media."""

    instruction: str
    parameters: Parameters = field(default_factory=Parameters)
    negative_prompt: str | None = None
    links: tuple[str, ...] = ()
    variations: int = 1
    part: Part | None = None


def said_of_option(error: OptionError) -> str:
    """Say what is wrong with an option in the current language; it is the client's table that found it."""
    return say(error.text, **error.values)


def parse(typed: Typed) -> Command:
    """Read a message: options anywhere, the rest is the instruction; raise UsageError."""
    return _command(typed.text, typed.links)


def _command(text: str, links: tuple[str, ...] = ()) -> Command:
    words, pairs = split_options(text)
    try:
        chosen = apply_options(pairs)
    except OptionError as exc:
        raise UsageError(said_of_option(exc)) from exc
    instruction = check_instruction(words)
    part = part_of(chosen)
    return Command(instruction, chosen.parameters, chosen.negative_prompt, links, chosen.variations, part)


def split_options(text: str) -> tuple[str, list[Pair]]:
    """Take the options out of a text: return the words that are left, and the options; raise UsageError."""
    try:
        found = _all_options(text)
    except OptionError as exc:
        raise UsageError(said_of_option(exc)) from exc
    return without_phrases(text, found), [pair for phrase in found for pair in phrase.pairs]


def part_of(chosen: Chosen) -> Part | None:
    """Return the part of the video that somebody chose, if any."""
    if chosen.from_s is None and chosen.to_s is None:
        return None
    return Part(from_s=chosen.from_s or 0.0, to_s=chosen.to_s)


# `0:03–0:08`, `3s to 8s`, `0:03到0:08`, `3-8`, `5 s`, `5`
_PART_AS_TYPED = ("{}", "from {}", "从{}", "from {} s", "first {}", "first {} s")


def parse_part(text: str) -> Part:
    """Read a field that asks for nothing but the part of the video, as people say it; raise UsageError."""
    typed = text.strip()
    open_end = re.fullmatch(r"(.+?)\s*[-–—]", typed)
    candidates = [way.format(typed) for way in _PART_AS_TYPED] + ([f"from {open_end[1]}"] if open_end else [])
    for said in candidates:
        try:
            pairs = [pair for phrase in find_phrases(said) if (phrase.start, phrase.end) == (0, len(said))
                     for pair in phrase.pairs]  # fmt: skip
            part = part_of(apply_options(pairs))
        except OptionError:
            continue
        if part is not None:
            return part
    raise UsageError(
        say(
            "Write a part of {low} to {high} seconds, as 0:03–0:08, or 5 for the first five seconds.",
            low=MIN_S, high=MAX_S,
        )
    )  # fmt: skip


def _all_options(text: str) -> list[Phrase]:
    """Find the options with dashes, and between them those in plain words; raise OptionError or UsageError."""
    flags = list(find_flags(text))
    rest = text
    for flag in flags:
        rest = rest[: flag.start] + "\n" * (flag.end - flag.start) + rest[flag.end :]
    return sorted([*flags, *find_phrases(rest)], key=lambda phrase: phrase.start)


def check_instruction(text: str) -> str:
    """Return the instruction as it will be sent; raise UsageError where it is empty or too long."""
    instruction = re.sub(r"[ \t]{2,}", " ", without_control(text)).strip()
    if not instruction:
        raise UsageError(say("Say what should change in the video, for example: make it snow."))
    if len(instruction) > PROMPT_MAX_CHARS:
        raise UsageError(
            say(
                "The instruction has {count} characters, and {limit} are possible: shorten it.",
                count=len(instruction),
                limit=PROMPT_MAX_CHARS,
            )
        )
    return instruction


# -- the slash command -------------------------------------------------------------------------------------------------

@dataclass(frozen=True, slots=True)
class Help:
    """The person asks how it works."""


@dataclass(frozen=True, slots=True)
class Status:
    """The person asks how their edits are doing."""


@dataclass(frozen=True, slots=True)
class History:
    """The person wants to find old edits again."""


@dataclass(frozen=True, slots=True)
class Show:
    """The person wants to know everything about one edit; without an id they have yet to say which."""

    edit_id: str | None


@dataclass(frozen=True, slots=True)
class Budget:
    """The person asks what was spent; admins may want it as a file."""

    as_csv: bool = False


@dataclass(frozen=True, slots=True)
class Decide:
    """An admin answers whether an edit may cost what it is expected to cost."""

    edit_id: str
    approve: bool


@dataclass(frozen=True, slots=True)
class Settle:
    """An admin says that an edit of which nobody knew was not billed."""

    edit_id: str


@dataclass(frozen=True, slots=True)
class DeleteMyData:
    """The person wants nothing of theirs to be kept; without `sure` they are told what that means."""

    sure: bool = False


@dataclass(frozen=True, slots=True)
class Styles:
    """The person asks for ideas."""


@dataclass(frozen=True, slots=True)
class OpenModal:
    """The person wants the form."""


@dataclass(frozen=True, slots=True)
class EditLink:
    """The person wants the video behind a link edited."""

    command: Command
    video: Link | Permalink | SlackFile


Slash = Help | Status | History | Show | Budget | Decide | Settle | Styles | DeleteMyData | OpenModal | EditLink
_DECIDE = re.compile(r"(?P<word>approve|decline|unbilled)\s+`?(?P<edit_id>[0-9a-z-]+)`?", re.IGNORECASE)
_SHOW = re.compile(r"show(?:\s+`?(?P<edit_id>[0-9a-z-]+)`?)?", re.IGNORECASE)


def parse_slash(text: str | Typed, *, trusted_origins: frozenset[str] = frozenset()) -> Slash:
    """Read the text of `/edit-video`, as Slack sends it or read already; raise UsageError.

    `trusted_origins` (`http://host:port`) are taken for Slack's own and need no https, as in a local workspace.
    """
    typed = read_text(text, bot_user_id="") if isinstance(text, str) else text
    match " ".join(typed.text.lower().split()):
        case "":
            return OpenModal()
        case "help" | "?" | "帮助" | "？":
            return Help()
        case "status" | "状态" | "进度":
            return Status()
        case "history" | "历史" | "历史记录":
            return History()
        case "budget" | "额度":
            return Budget()
        case "budget csv":
            return Budget(as_csv=True)
        case "styles" | "风格" | "灵感":
            return Styles()
        case "delete my data":
            return DeleteMyData()
        case "delete my data yes":
            return DeleteMyData(sure=True)
    if decision := _DECIDE.fullmatch(typed.text.strip()):
        word, edit_id = decision["word"].lower(), decision["edit_id"].lower()
        return Settle(edit_id) if word == "unbilled" else Decide(edit_id, approve=word == "approve")
    if show := _SHOW.fullmatch(typed.text.strip()):
        return Show(show["edit_id"].lower() if show["edit_id"] else None)
    link = _video_link(typed)
    return EditLink(_command(typed.without(link), (link.url,)), read_link(link.url, trusted_origins=trusted_origins))


def _video_link(typed: Typed) -> TypedLink:
    explicit = [link for link in typed.typed_links if link.explicit]
    if len(explicit) > 1:
        raise UsageError(
            say("One link, please: the video’s. Attach pictures to a message, or in the form that /edit-video opens.")
        )
    links = explicit or typed.typed_links
    if not links:
        raise UsageError(
            say(
                "Begin with the https link of the video, then say what should change: /edit-video "
                "https://example.com/clip.mp4 make it snow. A video from Slack is edited by its message's link, or by "
                "posting it to me."
            )
        )
    return links[0]


# https://x.slack.com/archives/C…/p1234567890123456?thread_ts=…&cid=… and https://x.slack.com/files/U…/F…/name
_ARCHIVES = re.compile(r"/archives/(?P<channel>[CDG][A-Z0-9]+)/p(?P<ts>\d{16})/?")
_FILES = re.compile(r"/files/[UW][A-Z0-9]+/(?P<file>F[A-Z0-9]+)(?:/.*)?")
_TS = re.compile(r"\d{10}\.\d{6}")


def read_link(url: str, *, trusted_origins: frozenset[str] = frozenset()) -> Link | Permalink | SlackFile:
    """Tell a link to a message or a file in Slack from any other; raise UsageError where it is no https link."""
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname or ""
        trusted = f"{parts.scheme}://{parts.netloc}" in trusted_origins
    except ValueError as exc:
        raise UsageError(say("“{url}” is not a link: it must begin with https://.", url=shorten(url, 80))) from exc
    if not host or (parts.scheme != "https" and not trusted):
        raise UsageError(say("The link of the video must begin with https://, not “{url}”.", url=shorten(url, 80)))
    if not trusted and not host.endswith((".slack.com", ".slack-gov.com")):
        return Link(url=url.strip())
    if message := _ARCHIVES.fullmatch(parts.path):
        thread_ts = parse_qs(parts.query).get("thread_ts", [""])[0]
        ts = f"{message['ts'][:10]}.{message['ts'][10:]}"
        return Permalink(channel=message["channel"], ts=ts, thread_ts=thread_ts if _TS.fullmatch(thread_ts) else None)
    if file := _FILES.fullmatch(parts.path):
        return SlackFile(file_id=file["file"])
    if trusted:
        return Link(url=url.strip())
    raise UsageError(
        say("I cannot find a video behind this Slack link: use “Copy link” of the message that carries it.")
    )
