"""HDR to SDR as a table of colours for FFmpeg's `lut3d`: HLG or PQ in BT.2020 goes in, BT.709 comes out. Pure.

Formulas: ITU-R BT.2100 tables 4 and 5 (PQ, HLG), BT.2087 (primaries), BT.709.
"""

from __future__ import annotations

import math

PQ, HLG = 16, 18  # ITU-T H.273 §8.2
_STEPS = 33
_PEAK_NITS = 1000.0
_WHITE_NITS = 203.0  # of paper, in both systems: ITU-R BT.2408
_KNEE = 0.6  # below, light stays what it is; above, it is pressed under the white of SDR
_TO_709 = ((1.6605, -0.5876, -0.0728), (-0.1246, 1.1329, -0.0083), (-0.0182, -0.1006, 1.1187))
_LUMA_2020 = (0.2627, 0.6780, 0.0593)

Rgb = tuple[float, float, float]


def cube(transfer: int) -> str:
    """Write the table as a `.cube` file; takes about a tenth of a second."""
    scale = [step / (_STEPS - 1) for step in range(_STEPS)]
    light = [_pq_nits(value) if transfer == PQ else _hlg_scene(value) for value in scale]
    rows = [f"LUT_3D_SIZE {_STEPS}"]
    for blue in light:
        for green in light:
            for red in light:
                nits = (red, green, blue) if transfer == PQ else _hlg_nits((red, green, blue))
                rows.append("{:.5f} {:.5f} {:.5f}".format(*_sdr(nits)))
    return "\n".join(rows) + "\n"


def _pq_nits(value: float) -> float:
    power = value ** (1 / 78.84375)
    nits: float = 10_000 * (max(0.0, power - 0.8359375) / (18.8515625 - 18.6875 * power)) ** (1 / 0.1593017578125)
    return nits


def _hlg_scene(value: float) -> float:
    return value * value / 3 if value <= 0.5 else (math.exp((value - 0.55991073) / 0.17883277) + 0.28466892) / 12


def _hlg_nits(scene: Rgb) -> Rgb:
    luma = sum(weight * part for weight, part in zip(_LUMA_2020, scene, strict=True))
    gain = _PEAK_NITS * luma**0.2
    return scene[0] * gain, scene[1] * gain, scene[2] * gain


def _sdr(nits: Rgb) -> Rgb:
    """Press the brightest part under white and the others with it, so that colours keep their hue."""
    brightest = max(nits) / _WHITE_NITS
    gain = (_pressed(brightest) / brightest if brightest > _KNEE else 1.0) / _WHITE_NITS
    red, green, blue = (_709(sum(w * part * gain for w, part in zip(row, nits, strict=True))) for row in _TO_709)
    return red, green, blue


def _pressed(light: float) -> float:
    return _KNEE + (1 - _KNEE) * (1 - math.exp(-(light - _KNEE) / (1 - _KNEE)))


def _709(light: float) -> float:
    light = min(1.0, max(0.0, light))
    return 4.5 * light if light < 0.018 else 1.099 * light**0.45 - 0.099
