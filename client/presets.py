"""What people do with video editing, as named beginnings of an instruction: for the command line and for menus; pure.

A preset turns a few words into a whole instruction and says which pictures it needs. The kinds of edits are those of
the vendor's guide, the words are ours: https://help.aliyun.com/zh/model-studio/wan-video-editing-guide
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

KEEP = "Keep everything else as it is: people, movements, camera and timing."


@dataclass(frozen=True, slots=True)
class Preset:
    """Hold one kind of edit. `template` has the blank `{}`; `asks` says what goes there, `example` shows it.

    `images` pictures are needed; where fewer are, `pictured` is added to the instruction when one is given.
    """

    name: str
    title: str
    asks: str
    example: str
    template: str
    images: int = 0
    pictured: str = ""

    def prompt(self, words: str, images: int = 0) -> str:
        """Write the instruction from a person's words and the number of pictures; ValueError says what is missing."""
        found = words.strip().rstrip(".")
        if not found:
            raise ValueError(f"The preset {self.name} needs a few words: {self.asks}, for example “{self.example}”.")
        if images < self.images:
            raise ValueError(f"The preset {self.name} needs {self.images} reference image, here are {images}.")
        text = self.template.format(found)
        return f"{text} {self.pictured}" if self.pictured and images else text


_ALL = (
    Preset(
        "add", "Add something", "what to add, and where", "a red umbrella in her right hand",
        f"Add {{}}. It belongs to the scene: same light, right size, moving along with what it touches. {KEEP}",
        pictured="What is added looks like image 1.",
    ),
    Preset(
        "delete", "Remove something", "what to remove", "the people in the background",
        f"Remove {{}} from the whole video, and fill the place with what would be seen behind it. {KEEP}",
    ),
    Preset(
        "modify", "Change something", "what becomes what", "the grey coat becomes a yellow raincoat",
        f"Change this in the whole video: {{}}. {KEEP}",
        pictured="What it becomes looks like image 1.",
    ),
    Preset(
        "season", "Another season", "the season", "deep winter",
        "Move the scene to {}: plants, ground, light and air change with it. People and movements stay the same.",
    ),
    Preset(
        "weather", "Other weather", "the weather", "heavy rain with puddles on the street",
        "Change the weather to {}. Sky, light, wet or dry surfaces and the air agree with it. "
        "People and movements stay the same.",
    ),
    Preset(
        "light", "Other light", "the light or the time of day", "the last sunlight of the evening, from the left",
        "Light the scene anew: {}. Shadows and reflections follow the new light. Only the light changes.",
    ),
    Preset(
        "background", "Another background", "the new background", "a quiet beach at noon",
        "Replace the background by {}. Whoever and whatever is in front stays unchanged, with clean edges and light "
        "that fits the new place.",
        pictured="The new background is that of image 1.",
    ),
    Preset(
        "style", "Another style", "the style", "claymation",
        "Turn the whole video into this style: {}. What happens, who is seen and how the camera moves stay the same.",
        pictured="The style is that of image 1.",
    ),
    Preset(
        "behaviour", "Other behaviour", "who does what instead", "the man waves at the camera instead of walking on",
        "Change what happens: {}. The movement is natural throughout; faces, clothes and place stay the same.",
    ),
    Preset(
        "emotion", "Another feeling", "who feels what", "the girl is surprised and happy",
        "Change the feeling in face and body: {}. It is the same person, in the same place, doing the same.",
    ),
    Preset(
        "lines", "Other words", "who says what", "the woman says: “See you tomorrow!”",
        "Change what is said: {}. Lips and voice agree with the new words, and the voice stays the person's own.",
    ),
    Preset(
        "camera", "Another camera", "how the camera moves, or where it stands", "slowly closer to the face",
        "Film the same scene with another camera: {}. What happens in it stays the same.",
    ),
    Preset(
        "copy-action", "Same movements, someone else", "who moves now, and where", "the woman of image 1, in a park",
        "Take the movements of the person in the video, with their rhythm and timing, and let this be the one who "
        "makes them: {}. The looks come from image 1.",
        images=1,
    ),
    Preset(
        "copy-camera", "Same camera, other scene", "the new scene", "the old town of image 1 at dawn",
        "Take only the camera of the video, its path, speed and framing, and film this with it: {}. "
        "What is seen comes from image 1.",
        images=1,
    ),
    Preset(
        "copy-effects", "Same effects, someone else", "who or what gets them", "the dancer of image 1 on a stage",
        "Take the visual effects of the video, with their look and timing, and use them on this: {}. "
        "The looks come from image 1.",
        images=1,
    ),
)  # fmt: skip

PRESETS: Mapping[str, Preset] = MappingProxyType({preset.name: preset for preset in _ALL})
