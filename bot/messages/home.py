"""App Home: what one person sees of their edits, their defaults and what they can do.

Every state of it is a function of the records, so it may be published again at any time. `home_face` says which home
it would be: as long as it stays the same, nothing need be published. https://docs.slack.dev/surfaces/app-home
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from bot.edit import Edit, State
from bot.language import say
from bot.messages.answers import state_word
from bot.messages.blocks import Block, actions, button, context, header, picture, section
from bot.messages.fields import checks, select
from bot.messages.history import link_to, which, words
from bot.messages.modal import AS_CLIP, KEEP_AUDIO, ratios, resolutions
from bot.messages.refusals import refused
from bot.messages.result import title
from bot.messages.status import cancel_button, heading
from bot.messages.suggestions import suggestion_buttons, suggestions
from bot.messages.words import local_time
from bot.moves import cancellable
from bot.profile import Defaults, Profile
from bot.rights import Refusal
from bot.text import escape, shorten
from client.catalogue import MODELS
from client.models import DEFAULT_MODEL

NEW_EDIT = "new_edit"
DEFAULT_RESOLUTION, DEFAULT_RATIO, DEFAULT_AUDIO = "default.resolution", "default.ratio", "default.audio"
MOST_UNDER_WAY = 20
MOST_ENDED = 20
WHY_MAX_CHARS = 100

DIVIDER: Block = {"type": "divider"}
_SIGNS = {State.DONE: "white_check_mark", State.FAILED: "warning", State.CANCELED: "no_entry_sign"}


def home_face(profile: Profile, under_way: Sequence[Edit], places: Mapping[str, int]) -> str:
    """Return a key that changes whenever the home should."""
    rows = [
        f"{edit.edit_id} {edit.state} {places.get(edit.edit_id)} {bool(edit.cancel_requested_by)}"
        for edit in under_way
    ]
    return " ".join([str(profile.version), *rows])


def home(
    profile: Profile, edits: Sequence[Edit], *, places: Mapping[str, int], workspace_url: str, budget: str = "",
    only_in: Collection[str] = (),
) -> Block:  # fmt: skip
    """Make the home of one person from their edits, newest first as given, and the places of those that wait.

    `budget` is a paragraph of mrkdwn about what they may spend, or nothing. `only_in` are the conversations where they
    may use the bot, if not everywhere.
    """
    under_way = [edit for edit in edits if not edit.state.terminal][:MOST_UNDER_WAY]
    ended = [edit for edit in edits if edit.state.terminal][:MOST_ENDED]
    return {
        "type": "home",
        "private_metadata": _suggested(profile.direct, only_in),
        "blocks": [
            header(say("Edit a video")),
            section(say("Give me a short video and say what should change. The edited one comes in a few minutes.")),
            *actions([button(say("Edit a video"), NEW_EDIT, "new", style="primary"), *suggestion_buttons()]),
            *_under_way(under_way, places, workspace_url),
            DIVIDER,
            *_ended(ended, workspace_url),
            DIVIDER,
            *([header(say("Your budget")), section(budget), DIVIDER] if budget else []),
            *_defaults(profile.defaults),
            DIVIDER,
            *_how_to(profile.direct, only_in),
        ],
    }


def closed_home(why: Refusal, *, has_edits: bool) -> Block:
    """Make the home of somebody who may not use the bot; what is kept of them stays theirs to delete."""
    theirs = say("I still keep what you asked me for earlier. `/edit-video delete my data` deletes it.")
    return {
        "type": "home",
        "blocks": [header(say("Edit a video")), section(refused(why)), *([context(theirs)] if has_edits else [])],
    }


def _suggested(direct: str, only_in: Collection[str]) -> str:
    """Return the conversation that the form suggests: our direct messages, or the only one that may be chosen."""
    if not only_in or direct in only_in:
        return direct
    return next(iter(only_in)) if len(only_in) == 1 else ""


def _under_way(edits: Sequence[Edit], places: Mapping[str, int], workspace_url: str) -> list[Block]:
    if not edits:
        return []
    rows = [_row(edit, places.get(edit.edit_id), workspace_url) for edit in edits]
    cancelled = set()  # variations are canceled together, by the button of the first that is still under way
    for edit, row in zip(edits, rows, strict=True):
        if cancellable(edit) and not edit.cancel_requested_by and edit.first_id not in cancelled:
            row["accessory"] = cancel_button(edit)
            cancelled.add(edit.first_id)
    return [header(say("Under way")), *rows]


def _row(edit: Edit, place: int | None, workspace_url: str) -> Block:
    state = f"*{heading(edit.state)}*"
    if edit.cancel_requested_by:
        state = say("*Canceling, if that is still possible*")
    elif edit.state is State.WAITING and place is not None:
        state = say("{state} – place {place}", state=state, place=place)
    thread = link_to(edit, edit.thread_ts, say("Show the thread"), workspace_url=workspace_url)
    facts = " · ".join(filter(None, (words(edit), which(edit), local_time(edit.created_at), thread)))
    return section(f":hourglass_flowing_sand: {state}\n{facts}")


def _ended(edits: Sequence[Edit], workspace_url: str) -> list[Block]:
    if not edits:
        return [header(say("Your last edits")), section(say("None yet: the buttons above are a good beginning."))]
    return [header(say("Your last edits")), *(_ended_row(edit, workspace_url) for edit in edits)]


def _ended_row(edit: Edit, workspace_url: str) -> Block:
    """Show what became of an edit, with the way to its video, or to its thread where there is none."""
    if edit.result_file and edit.result_ts:
        link = link_to(edit, edit.result_ts, say("Show the video"), workspace_url=workspace_url)
    else:
        link = link_to(edit, edit.thread_ts, say("Show the thread"), workspace_url=workspace_url)
    became = say("the video was deleted") if edit.removal else state_word(edit)
    facts = " · ".join(filter(None, (f"*{became}*", which(edit), local_time(edit.created_at), link)))
    why = [escape(shorten(" ".join(edit.failure.message.split()), WHY_MAX_CHARS))] if edit.failure else []
    row = section("\n".join([f":{_SIGNS[edit.state]}: {words(edit)}", facts, *why]))
    if poster := edit.shown_poster:
        row["accessory"] = picture(poster.file_id, title(edit))
    return row


def _defaults(defaults: Defaults) -> list[Block]:
    """Ask what holds where a person says nothing else; each choice is kept at once."""
    chosen = [KEEP_AUDIO] if defaults.audio_setting == "origin" else []
    keep = {KEEP_AUDIO: say("Keep the sound as it is")}
    return [
        header(say("Your defaults")),
        context(say("They apply to all your edits unless you say otherwise. Each choice is saved at once.")),
        _choice(say("Resolution"), DEFAULT_RESOLUTION, select(resolutions(), defaults.resolution)),
        _choice(say("Shape"), DEFAULT_RATIO, select(ratios(), defaults.ratio or AS_CLIP)),
        _choice(say("Sound"), DEFAULT_AUDIO, checks(keep, chosen)),
    ]


def _choice(label: str, action_id: str, element: Block) -> Block:
    """Put a label beside what can be chosen; the id stays, so that Slack keeps what was chosen just now."""
    return {**section(label), "block_id": action_id, "accessory": {**element, "action_id": action_id}}


def _how_to(direct: str, only_in: Collection[str]) -> list[Block]:
    facts = MODELS[DEFAULT_MODEL]
    steps = [
        _first_step(direct, only_in, facts.max_s),
        say("2. Say what should change; in a channel mention me. Up to {count} pictures can show what you mean.",
            count=facts.max_images),
        say("3. The edited video comes in the thread. Reply there to change it further."),
    ]  # fmt: skip
    examples = "\n".join(f"• _{instruction}_" for _, instruction in suggestions().values())
    more = say("`/edit-video help` lists all options, `/edit-video styles` more ideas.")
    return [header(say("How it works")), section("\n".join(steps)), section(examples), context(more)]


def _first_step(direct: str, only_in: Collection[str], most_s: float) -> str:
    if not only_in:
        return say("1. Post a video in a channel where I am, or here under *Messages*. I use its first {most} seconds, "
                   "or the part that you name.", most=most_s)  # fmt: skip
    channels = [f"<#{escape(channel)}>" for channel in sorted(only_in) if not channel.startswith("D")]
    where = ", ".join([*channels, *([say("here under *Messages*")] if direct in only_in else [])])
    if not where:
        return refused(Refusal.CHANNEL)
    return say("1. Post a video in {where}: I am not set up for other conversations. I use its first {most} seconds, "
               "or the part that you name.", where=where, most=most_s)  # fmt: skip
