"""Still pictures as video frames: the one place where Pillow meets PyAV."""

from fractions import Fraction

import av
from PIL import Image


def to_frame(picture: Image.Image, *, number: int = 0, rate: Fraction | int = 30) -> av.VideoFrame:
    """Turn a picture (RGB or RGBA) into frame `number` of a film of `rate` frames a second."""
    if picture.mode == "RGBA":
        frame = av.VideoFrame(picture.width, picture.height, "rgba")
        line, stride = picture.width * 4, frame.planes[0].line_size
        data = picture.tobytes()
        if stride != line:  # FFmpeg pads its lines
            pad = bytes(stride - line)
            data = b"".join(data[at : at + line] + pad for at in range(0, len(data), line))
        frame.planes[0].update(data)
    else:
        frame = av.VideoFrame.from_image(picture)  # type: ignore[no-untyped-call]  # PyAV left this one untyped
    frame.pts, frame.time_base = number, 1 / Fraction(rate)
    return frame
