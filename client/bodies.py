"""Requests as JSON: a function for each shape of body that a model can have; pure.

Which model has which shape is in `client/catalogue.py`; paths and headers are in `client/sansio.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from client.models import EditRequest

# Makes the body of a create from a request and the names of the parameters that its model knows.
Body = Callable[[EditRequest, Collection[str]], dict[str, object]]

WIRE_NAMES: Mapping[str, str] = {"duration_s": "duration"}  # only where ours differ


def media_list(request: EditRequest, known: Collection[str]) -> dict[str, object]:
    """Build the body of models that take their media as one list, the video first and then the pictures in order.

    https://help.aliyun.com/zh/model-studio/wan-video-editing-api-reference
    """
    media = [{"type": "video", "url": request.video}]
    media += [{"type": "reference_image", "url": url} for url in request.images]
    inputs: dict[str, object] = {"prompt": request.prompt, "media": media}
    if request.negative_prompt:
        inputs["negative_prompt"] = request.negative_prompt
    return {"model": request.model, "input": inputs, "parameters": parameters_of(request, known)}


def parameters_of(request: EditRequest, known: Collection[str]) -> dict[str, object]:
    """Spell the parameters that a model knows; what is not chosen is left to the service.

    `watermark` is never left out, as it always has a value: its default differs among models.
    """
    return {
        WIRE_NAMES.get(name, name): value
        for name, value in request.parameters
        if name in known and value is not None
    }
