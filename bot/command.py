"""From what people type to what they ask for: instruction, options and links, or the sentence that helps them.

The table of options is `client/options.py`; Slack's wire format is undone in `bot/text.py`; attachments are sorted in
`bot/attachments.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from urllib.parse import parse_qs, urlsplit

from bot.edit import Link, Permalink, SlackFile
from bot.language import say, sentences
from bot.text import Typed, TypedLink, escape, read_text, shorten, without_control
from client.models import PROMPT_MAX_CHARS, Parameters
from client.options import OPTIONS, Option, OptionError, apply_options


class UsageError(Exception):
    """Say in one sentence what is wrong with the request and what to do: `str()` of it may stand in mrkdwn as it is.

    `plain` is the same for places that show plain text, such as the fields of a modal.
    """

    def __init__(self, plain: str) -> None:
        self.plain = shorten(plain, 600)
        super().__init__(escape(self.plain))


@dataclass(frozen=True, slots=True)
class Command:
    """What a person asks for, without the media."""

    instruction: str
    parameters: Parameters = field(default_factory=Parameters)
    negative_prompt: str | None = None
    links: tuple[str, ...] = ()


# -- options -----------------------------------------------------------------------------------------------------------

_BY_WORD = {flag.removeprefix("--"): option for option in OPTIONS for flag in option.flags}
# Phones turn `--` into a long dash. Words such as `720p` and `keep-audio` are never prose, so any dash right in front
# of them makes an option, and a long one even with a space between; `seed` needs two dashes, or a long one.
_UNMISTAKABLE = "|".join(re.escape(word) for word in _BY_WORD if re.search(r"[\d-]", word))
_KNOWN = "|".join(re.escape(word) for word in _BY_WORD)
_OPTION = re.compile(
    rf"(?<![^\s`])`?(?:(?:[-–—−]{{1,3}}|—[ \t])(?P<sure>{_UNMISTAKABLE})|[–—−]-?(?P<known>{_KNOWN})"
    r"|--(?P<any>[a-z0-9][\w-]*))(?![\w-])",
    re.IGNORECASE,
)
_QUOTES = {'"': '"”“', "'": "'’‘", "“": "”“\"", "”": "”“\"", "„": "“”\"", "‘": "’‘'", "’": "’‘'", "«": "»", "»": "«"}
_BARE_END = ",;.`"


def said_of_option(error: OptionError) -> str:
    """Say what is wrong with an option in the current language; it is the client's table that found it."""
    return say(error.text, **error.values)


@dataclass(frozen=True, slots=True)
class _Found:
    """An option in a text, and where it begins and ends."""

    option: Option
    value: object
    start: int
    end: int


def parse(typed: Typed) -> Command:
    """Read a message: options anywhere, the rest is the instruction; raise UsageError."""
    return _command(typed.text, typed.links)


def _command(text: str, links: tuple[str, ...] = ()) -> Command:
    found = list(_options(text))
    try:
        parameters, negative_prompt = apply_options([(one.option, one.value) for one in found])
    except OptionError as exc:
        raise UsageError(said_of_option(exc)) from exc
    return Command(check_instruction(_prose(text, found)), parameters, negative_prompt, links)


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


def _options(text: str) -> Iterator[_Found]:
    end = 0
    while match := _OPTION.search(text, end):
        option = _option(match)
        if option.takes == "nothing":
            end = _end_of_flag(text, match, option)
            value = option.value
        else:
            typed, end = _value(text, match.end(), option)
            try:
                value = option.parse(typed)
            except OptionError as exc:
                raise UsageError(said_of_option(exc)) from exc
        yield _Found(option, value, match.start(), end)


def _option(match: re.Match[str]) -> Option:
    word = (match["sure"] or match["known"] or match["any"]).lower()
    option = _BY_WORD.get(word)
    if option is None:
        flag = f"--{shorten(word, 40)}"
        if near := get_close_matches(word, _BY_WORD, n=1, cutoff=0.5):
            raise UsageError(
                say("I do not know the option {flag}: did you mean {near}?", flag=flag, near=f"--{near[0]}")
            )
        known = ", ".join(f"--{word}" for word in _BY_WORD)
        raise UsageError(say("I do not know the option {flag}: there are {known}.", flag=flag, known=known))
    return option


def _end_of_flag(text: str, match: re.Match[str], option: Option) -> int:
    end = match.end()
    if text[end : end + 1] == "=":
        raise UsageError(say("{flag} takes no value: write it without “=”.", flag=option.flags[0]))
    while end < len(text) and text[end] in _BARE_END:
        end += 1
    return end


def _value(text: str, at: int, option: Option) -> tuple[str, int]:
    """Return the value that begins here and where it ends."""
    flag = option.flags[0]
    gap = re.compile(r"`?\s*[=:]?\s*").match(text, at)
    start = gap.end() if gap else at
    if start >= len(text) or _OPTION.match(text, start):
        raise UsageError(sentences(say("{flag} needs a value.", flag=flag), say(option.help)))
    closing = _QUOTES.get(text[start])
    if closing:
        ends = [position for mark in closing if (position := text.find(mark, start + 1)) > 0]
        if not ends:
            raise UsageError(
                say('The text after {flag} begins with a quote that never ends: write {flag} "…".', flag=flag)
            )
        return text[start + 1 : min(ends)], min(ends) + 1
    word = re.compile(r"\S+").match(text, start)
    end = word.end() if word else start
    if option.placeholder == "TEXT" and not _ends_phrase(text, end):
        raise UsageError(
            say('Put the text of {flag} in quotes, so that I see where it ends: {flag} "blur, text".', flag=flag)
        )
    return text[start:end].rstrip(_BARE_END), end


def _ends_phrase(text: str, at: int) -> bool:
    """Say whether an unquoted text can be taken to end here: at the end, at a new line or at the next option."""
    rest = text[at:]
    gap = len(rest) - len(rest.lstrip())
    return not rest.strip() or "\n" in rest[:gap] or _OPTION.match(text, at + gap) is not None


def _prose(text: str, found: list[_Found]) -> str:
    """Return the text without its options."""
    pieces = []
    end = 0
    for one in found:
        pieces.append(text[end : one.start].rstrip(" \t"))
        end = one.end
    return " ".join([*pieces, text[end:].lstrip(" \t") if found else text])


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
    """The person wants to know everything about one edit."""

    edit_id: str


@dataclass(frozen=True, slots=True)
class Styles:
    """The person asks for ideas."""


@dataclass(frozen=True, slots=True)
class OpenModal:
    """The person wants the dialog."""


@dataclass(frozen=True, slots=True)
class EditLink:
    """The person wants the video behind a link edited."""

    command: Command
    video: Link | Permalink | SlackFile


Slash = Help | Status | History | Show | Styles | OpenModal | EditLink
_SHOW = re.compile(r"show(?:\s+`?(?P<edit_id>[0-9a-z]+)`?)?", re.IGNORECASE)


def parse_slash(text: str | Typed, *, trusted_origins: frozenset[str] = frozenset()) -> Slash:
    """Read the text of `/edit-video`, as Slack sends it or read already; raise UsageError.

    `trusted_origins` (`http://host:port`) are taken for Slack's own and need no https, as in a local workspace.
    """
    typed = read_text(text, bot_user_id="") if isinstance(text, str) else text
    match typed.text.strip().lower():
        case "":
            return OpenModal()
        case "help" | "?":
            return Help()
        case "status":
            return Status()
        case "history":
            return History()
        case "styles":
            return Styles()
    if show := _SHOW.fullmatch(typed.text.strip()):
        return _show(show["edit_id"])
    link = _video_link(typed)
    return EditLink(_command(typed.without(link), (link.url,)), read_link(link.url, trusted_origins=trusted_origins))


def _show(edit_id: str | None) -> Show:
    if edit_id is None:
        raise UsageError(
            say("Say which edit, by its id: /edit-video show 1a2b3c4d5e6f. /edit-video history lists the ids.")
        )
    return Show(edit_id.lower())


def _video_link(typed: Typed) -> TypedLink:
    explicit = [link for link in typed.typed_links if link.explicit]
    if len(explicit) > 1:
        raise UsageError(
            say("One link, please: the video’s. Attach pictures to a message, or in the dialog that /edit-video opens.")
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
