"""Little films that look harmless and are not: whoever copies or cuts films has fallen into each of these traps."""

import struct
from pathlib import Path

import av
from av.packet import Packet

from tests.films import claiming, make_film

MB = 1_000_000


def ten_seconds_and_a_block_of_sound(path: Path) -> Path:
    """Ten seconds to the picture; AAC comes in blocks, so the file says 10.005."""
    return make_film(path.with_suffix(".mp4"), seconds=10, fps=5, sound="aac", bit_of_sound=1)


def headers_that_claim_too_little(path: Path) -> Path:
    """Twelve seconds of pictures; every header says one."""
    path = make_film(path.with_suffix(".mp4"), seconds=12, fps=5, options={"bf": "0", "g": "10"})
    path.write_bytes(claiming(path.read_bytes(), 1))
    return path


def sound_that_goes_on(path: Path) -> Path:
    """Three seconds of pictures, and eleven of sound."""
    return make_film(path.with_suffix(".mp4"), sound="aac", bit_of_sound=8 * 48)


def hidden_pictures(path: Path) -> Path:
    """Six seconds, of which an edit list shows three: what `-ss 2 -c copy` makes."""
    path = make_film(path.with_suffix(".mp4"), seconds=6, movflags="faststart")
    data = bytearray(path.read_bytes())
    at = data.index(b"elst") + 4
    clock = int.from_bytes(data[(mdhd := data.index(b"mdhd")) + 16 : mdhd + 20])
    struct.pack_into(">III", data, at, 0, 1, 3000)
    struct.pack_into(">I", data, at + 12, 2 * clock)
    for box, place in ((b"mvhd", 16), (b"tkhd", 20)):
        struct.pack_into(">I", data, data.index(box) + 4 + place, 3000)
    path.write_bytes(data)
    return path


def interlaced(path: Path) -> Path:
    """Pictures of two halves, as camcorders and television make them; only the codec says so."""
    return make_film(path.with_suffix(".mp4"), options={"x264-params": "tff=1"})


def several_tracks(path: Path) -> Path:
    """Two films and two sounds in one file."""
    source = make_film(path.with_suffix(".mkv"), sound="aac")
    path = path.with_suffix(".mp4")
    with av.open(str(source)) as film, av.open(str(path), "w") as out:
        twins = {stream.index: [out.add_stream_from_template(stream) for _ in range(2)] for stream in film.streams}
        for packet in film.demux():
            if packet.dts is None:
                continue
            for twin in twins[packet.stream.index]:
                copy = Packet(bytes(packet))
                copy.pts, copy.dts, copy.duration = packet.pts, packet.dts, packet.duration
                copy.time_base, copy.is_keyframe, copy.stream = packet.time_base, packet.is_keyframe, twin
                out.mux(copy)
    return path


def over_100_mb_of_nothing(path: Path) -> Path:
    """A small film and a hole behind it; on the disk it takes no room."""
    path = make_film(path.with_suffix(".mp4"))
    with path.open("r+b") as file:
        end = file.seek(0, 2)
        file.write(struct.pack(">I4s", 110 * MB, b"free"))
        file.truncate(end + 110 * MB)
    return path


def over_100_mb_of_pictures(path: Path) -> Path:
    """Pictures with filler data, as some cameras write it to keep their rate: a copy of them stays too large."""
    source = make_film(path.with_suffix(".mkv"), seconds=2.4, fps=5)
    path = path.with_suffix(".mp4")
    filler = b"\x0c" + bytes([255]) * (9 * MB) + b"\x80"
    with av.open(str(source)) as film, av.open(str(path), "w") as out:
        track = out.add_stream_from_template(film.streams.video[0])
        for packet in film.demux():
            if packet.dts is None:
                continue
            copy = Packet(bytes(packet) + struct.pack(">I", len(filler)) + filler)
            copy.pts, copy.dts, copy.duration = packet.pts, packet.dts, packet.duration
            copy.time_base, copy.is_keyframe, copy.stream = packet.time_base, packet.is_keyframe, track
            out.mux(copy)
    return path


def flipped_bits(path: Path) -> Path:
    """Damage in the pictures, as a bad card leaves it; the index is whole."""
    path = make_film(path.with_suffix(".mp4"), seconds=11, fps=5, movflags="faststart", options={"g": "5"})
    data = bytearray(path.read_bytes())
    begin = data.index(b"mdat") + 40
    for at in range(begin, len(data), 97):
        data[at] ^= 1 << at % 8
    path.write_bytes(data)
    return path


def place_of_recording(path: Path) -> Path:
    """A film that says where it was made."""
    return make_film(path.with_suffix(".mkv"), notes={"location": "+48.1351+011.5820/", "title": "at home"})


def sixty_a_second(path: Path) -> Path:
    """Twice as many pictures as the model makes."""
    return make_film(path.with_suffix(".webm"), codec="libvpx", seconds=2.2, fps=60)


def cut_off(path: Path) -> Path:
    """The first third of a film whose index stands in front."""
    path = make_film(path.with_suffix(".mp4"), seconds=5, movflags="faststart")
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 35 // 100])
    return path


def cut_off_webm(path: Path) -> Path:
    """The first third of a film whose head says five seconds."""
    path = make_film(path.with_suffix(".webm"), codec="libvpx", seconds=5)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 35 // 100])
    return path


def pictures_of_png(path: Path) -> Path:
    """A film of PNG pictures: two megabytes could unfold to hundreds."""
    return make_film(path.with_suffix(".mov"), codec="png", pixels="rgb24")


def windows_codec(path: Path) -> Path:
    """A Matroska film that only says that its codec is one of Windows: it may be any."""
    path = make_film(path.with_suffix(".mkv"))
    path.write_bytes(path.read_bytes().replace(b"V_MPEG4/ISO/AVC", b"V_MS/VFW/FOURCC"))
    return path


def magic_yuv(path: Path) -> Path:
    """A codec whose decoder could be made to write where it must not (CVE-2026-8461)."""
    return make_film(path.with_suffix(".avi"), codec="magicyuv", pixels="gbrp")
