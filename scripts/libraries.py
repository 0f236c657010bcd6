"""Adds fingerprints of released libraries to src/unhijack/data/libraries.json; their code stays out.

    python scripts/libraries.py jquery@3.7.1 bootstrap@5.3.3

Each release is fetched by `npm pack` into a temporary folder, its script files are hashed, and the
folder is removed. What a package puts on the window stands in PACKAGES below.
"""

import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from unhijack.parse.libraries import SMALLEST, fingerprint

DATA = Path(__file__).parent.parent / "src/unhijack/data/libraries.json"
PACKAGES: dict[str, tuple[list[str], str | None, str]] = {
    "jquery": (["jQuery", "$"], None, r"dist/jquery(?:\.slim)?(?:\.min)?\.js"),
    "jquery-migrate": ([], "jQuery", r"dist/jquery-migrate(?:\.min)?\.js"),
    "bootstrap": (["bootstrap"], "jQuery", r"dist/js/bootstrap(?:\.bundle)?(?:\.min)?\.js"),
    "swiper": (["Swiper"], None, r"(?:js/)?swiper-bundle(?:\.min)?\.js"),
    "@popperjs/core": (["Popper"], None, r"dist/umd/popper(?:\.min)?\.js"),
    "popper.js": (["Popper"], None, r"dist/umd/popper(?:\.min)?\.js"),
    "lodash": (["_"], None, r"lodash(?:\.min)?\.js"),
    "underscore": (["_"], None, r"underscore(?:-umd)?(?:-min)?\.js"),
    "slick-carousel": ([], "jQuery", r"slick/slick(?:\.min)?\.js"),
    "owl.carousel": ([], "jQuery", r"dist/owl\.carousel(?:\.min)?\.js"),
    "magnific-popup": ([], "jQuery", r"dist/jquery\.magnific-popup(?:\.min)?\.js"),
    "vue": (["Vue"], None, r"dist/vue(?:\.global)?(?:\.prod)?(?:\.min)?\.js"),
    "react": (["React"], None, r"umd/react\.[\w.]+\.js"),
    "react-dom": (["ReactDOM"], None, r"umd/react-dom\.(?:development|production\.min)\.js"),
    "moment": (["moment"], None, r"(?:min/)?moment(?:\.min)?\.js"),
    "gsap": (["gsap", "TweenMax", "TweenLite", "TimelineMax"], None, r"dist/gsap(?:\.min)?\.js"),
    "aos": (["AOS"], None, r"dist/aos\.js"),
    "d3": (["d3"], None, r"dist/d3(?:\.min)?\.js"),
    "chart.js": (["Chart"], None, r"dist/chart\.umd\.js"),
    "leaflet": (["L"], None, r"dist/leaflet\.js"),
}
"""Names on the window, the name it adds to, and which files of the package are such scripts."""


def main(wanted: list[str]) -> int:
    """Fetch, hash, and write the file anew."""
    npm = shutil.which("npm")
    if npm is None or not wanted:
        print("usage: libraries.py PACKAGE@VERSION... (needs npm)")
        return 2
    known: dict[str, str] = json.loads(DATA.read_text())["fingerprints"] if DATA.exists() else {}
    for spec in wanted:
        name = spec.rpartition("@")[0]
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(
                [npm, "pack", "--silent", spec], cwd=folder, capture_output=True, check=False
            )
            found = [sha for pack in Path(folder).glob("*.tgz") for sha in hashes(pack, name)]
        print(f"{spec}: {len(found)} scripts" if done.returncode == 0 else f"{spec}: not fetched")
        known |= dict.fromkeys(found, name)
    packages = {n: {"names": names, "after": after} for n, (names, after, _) in PACKAGES.items()}
    data = {"packages": packages, "fingerprints": dict(sorted(known.items()))}
    DATA.write_text(json.dumps(data, indent=1) + "\n")
    return 0


def hashes(pack: Path, name: str) -> list[str]:
    """The fingerprints of a package's scripts."""
    pattern = re.compile(rf"package/{PACKAGES[name][2]}")
    found = []
    with tarfile.open(pack) as archive:
        for member in archive.getmembers():
            file = archive.extractfile(member) if pattern.fullmatch(member.name) else None
            text = file.read().decode("utf-8", "replace") if file else ""
            if len(text) >= SMALLEST:
                found.append(fingerprint(text))
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
