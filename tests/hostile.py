"""Files that attack whoever opens them: they name other files and addresses, or claim to be enormous."""

import struct
from pathlib import Path

from tests.films import make_film
from tests.mp4 import box


def texts(address: str, canary: Path) -> dict[str, str]:
    """Write texts that FFmpeg would follow, to an address (`host:port`) or to a file, by a name for each."""
    host, port = address.split(":")
    segments = "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10.0,\n{}\n#EXT-X-ENDLIST\n"
    return {
        "HLS to an address": segments.format(f"http://{address}/a.ts"),
        "HLS to a file": segments.format(canary),
        "HLS to a file by scheme": segments.format(f"file://{canary}"),
        "HLS with a key": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXT-X-KEY:METHOD=AES-128,URI="
        f'"http://{address}/key"\n#EXTINF:9,\n{canary}\n#EXT-X-ENDLIST\n',
        "HLS by concat": segments.format(f"concat:http://{address}/header|file://{canary}"),
        "ffconcat to a file": f"ffconcat version 1.0\nfile '{canary}'\n",
        "ffconcat to an address": f"ffconcat version 1.0\nfile 'http://{address}/a.mp4'\n",
        "SDP": f"v=0\no=- 0 0 IN IP4 {host}\ns=x\nc=IN IP4 {host}\nt=0 0\nm=video {port} RTP/AVP 96\n"
        "a=rtpmap:96 H264/90000\n",
        "DASH": '<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
        f'mediaPresentationDuration="PT9S"><BaseURL>http://{address}/</BaseURL><Period><AdaptationSet>'
        '<Representation id="1" bandwidth="1" mimeType="video/mp4"><SegmentTemplate media="a.mp4" '
        'initialization="i.mp4"/></Representation></AdaptationSet></Period></MPD>',
        "SVG": f'<svg xmlns="http://www.w3.org/2000/svg"><image href="http://{address}/a.png"/>'
        f'<image href="file://{canary}"/></svg>',
        "ImageMagick": f"push graphic-context\nimage over 0,0 0,0 'http://{address}/a.png'\npop graphic-context\n",
    }


def pointing_elsewhere(path: Path, canary: Path) -> Path:
    """Write an MP4 whose pictures are said to lie in another file."""
    data = make_film(path).read_bytes()
    own = box(b"dref", struct.pack(">II", 0, 1), box(b"url ", b"\0\0\0\1"))
    place = str(canary).encode()
    place += b"\0" * (len(place) % 2)
    alias = bytes(4 + 10 + 28 + 12 + 64 + 16) + struct.pack(">hh", 1, 1) + bytes(16) + struct.pack(">hh", 2, len(place))
    other = box(b"dref", struct.pack(">II", 0, 1), box(b"alis", alias, place, struct.pack(">hh", -1, 0), bytes(40)))
    at = data.index(own)
    longer = len(other) - len(own)
    made = bytearray(data[:at] + other + data[at + len(own) :])
    for name in (b"moov", b"trak", b"mdia", b"minf", b"dinf"):
        at = made.index(name) - 4
        made[at : at + 4] = (int.from_bytes(made[at : at + 4]) + longer).to_bytes(4)
    path.write_bytes(made)
    return path


def enormous(path: Path) -> Path:
    """Write an AVI whose pictures claim 16 000 × 16 000 pixels."""
    data = bytearray(make_film(path, codec="mjpeg", pixels="yuvj420p", size=(320, 240)).read_bytes())
    claimed = struct.pack(">HH", 16_000, 16_000)
    at = data.find(b"\xff\xc0\x00\x11\x08")
    while at >= 0:
        data[at + 5 : at + 9] = claimed
        at = data.find(b"\xff\xc0\x00\x11\x08", at + 1)
    path.write_bytes(data.replace(struct.pack("<II", 320, 240), struct.pack("<II", 16_000, 16_000)))
    return path
