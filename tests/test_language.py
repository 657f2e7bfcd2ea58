"""Which language somebody is spoken to in, and what is said where a translation is missing."""

import asyncio

from bot.language import Language, counted, language_of, say, sentences, speak, speaking


def test_the_locale_of_a_person_chooses_the_language() -> None:
    assert language_of("zh-CN") is Language.CHINESE
    assert {language_of(locale) for locale in ("en-GB", "zh-TW", "fr-FR", "", None)} == {Language.ENGLISH}


def test_a_text_without_a_translation_is_said_in_english() -> None:
    with speaking(Language.CHINESE):
        assert say("never translated: {what}", what="{brace}") == "never translated: {brace}"
    assert [counted("{count} bird", "{count} birds", count) for count in (1, 2)] == ["1 bird", "2 birds"]


async def test_two_tasks_speak_two_languages_at_once() -> None:
    meeting = asyncio.Barrier(2)

    async def talk(language: Language) -> list[str]:
        with speaking(language):
            first = say("Retry")
            await meeting.wait()
            in_thread = await asyncio.to_thread(say, "Retry")
            return [first, in_thread, say("Retry")]

    english, chinese = await asyncio.gather(talk(Language.ENGLISH), talk(Language.CHINESE))
    assert (set(english), set(chinese)) == ({"Retry"}, {"重试"})
    assert say("Retry") == "Retry"


def test_sentences_are_joined_as_each_language_does() -> None:
    assert sentences("It cost nothing.", "", "Retry it.") == "It cost nothing. Retry it."
    assert sentences("没有产生费用。", "请重试。", "Retry it.", "完。") == "没有产生费用。请重试。Retry it. 完。"
    assert sentences("没有产生费用。", "*重试* 也许有用。") == "没有产生费用。 *重试* 也许有用。"


def test_what_the_gate_chose_ends_with_the_request() -> None:
    with speaking(Language.ENGLISH):
        speak(Language.CHINESE)
        assert say("Retry") == "重试"
    assert say("Retry") == "Retry"
