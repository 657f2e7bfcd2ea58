"""Which language somebody is spoken to in, and what is said where a translation is missing."""

from bot.language import Language, counted, language_of, say, speaking


def test_the_locale_of_a_person_chooses_the_language() -> None:
    assert language_of("zh-CN") is Language.CHINESE
    assert {language_of(locale) for locale in ("en-GB", "zh-TW", "fr-FR", "", None)} == {Language.ENGLISH}


def test_a_text_without_a_translation_is_said_in_english() -> None:
    with speaking(Language.CHINESE):
        assert say("never translated: {what}", what="{brace}") == "never translated: {brace}"
    assert [counted("{count} bird", "{count} birds", count) for count in (1, 2)] == ["1 bird", "2 birds"]
