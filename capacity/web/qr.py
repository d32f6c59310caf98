"""QR codes as SVG for the pages: no style, no script, nothing from elsewhere."""

import segno


def qr_svg(text: str) -> str:
    """A QR code to put into a page; it takes the size that its surroundings give it."""
    return str(segno.make(text, error="m", micro=False).svg_inline(omitsize=True, svgclass=None, lineclass=None))
