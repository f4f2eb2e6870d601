#!/usr/bin/env python3
"""Pictures of what `pol doc` makes, in Chromium: phone and desk, light and dark, without scripts, and on paper.

    cargo build --release
    python3 tests/browser/screenshots.py [SET]     # policies/shandong-2020 without SET

Needs target/release/pol, Chromium and a font with Chinese characters (apt-get install chromium fonts-noto-cjk). The site and the pictures
are written below target/browser/: look at them. Exit status 1 where a picture could not be taken.
"""

import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "target" / "browser"
PHONE, DESK = 390, 1280
# A picture of an empty page is smaller.
LEAST_BYTES = 12_000
CHROMIUM = ["chromium", "chromium-browser", "google-chrome"]
DARK = ["--blink-settings=preferredColorScheme=0"]


def pages(site):
    """Pages that show everything there is, by their kind: the one with the most of it."""
    largest = lambda kind: max(site.glob(f"zh/{kind}.*.html"), key=lambda page: page.stat().st_size, default=None)
    kinds = ["article", "measure", "duty", "target", "param", "define", "table", "register", "budget", "principle", "record", "enum"]
    found = [largest(kind) for kind in kinds]
    fixed = ["index", "measures", "figures", "open", "glossary", "search", "whole"]
    return [page for page in found if page] + [site / "zh" / f"{name}.html" for name in fixed]


def run(chromium, page, more, out):
    base = [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    subprocess.run([*base, *more, page], check=True, timeout=120, capture_output=True)
    if not out.is_file() or out.stat().st_size < LEAST_BYTES:
        sys.exit(f"{out}: no picture of {page}")
    print(out.relative_to(ROOT))


def main():
    chromium = next((path for path in map(shutil.which, CHROMIUM) if path), None)
    if not chromium:
        sys.exit("there is no Chromium: apt-get install chromium fonts-noto-cjk")
    policies = sys.argv[1] if len(sys.argv) > 1 else "policies/shandong-2020"
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    site = OUT / "site"
    pol = ROOT / "target" / "release" / "pol"
    if not pol.is_file():
        sys.exit("there is no target/release/pol: cargo build --release")
    subprocess.run([pol, "doc", policies, "--output", site], cwd=ROOT, check=True)
    for page in pages(site):
        for language in ["zh", "en"]:
            own = site / language / page.name
            for width, height in [(PHONE, 2400), (DESK, 1600)]:
                out = OUT / f"{language}-{page.stem}-{width}.png"
                run(chromium, own.as_uri(), [f"--window-size={width},{height}", f"--screenshot={out}"], out)
    article = pages(site)[0]
    out = OUT / f"{article.stem}-dark.png"
    run(chromium, article.as_uri(), [*DARK, f"--window-size={DESK},1600", f"--screenshot={out}"], out)
    # Chromium takes pictures with a script of its own, so it is the site that goes without.
    bare = OUT / "site-without-scripts"
    shutil.copytree(site, bare)
    for script in bare.rglob("*.js"):
        script.unlink()
    for name in [article.name, "search.html"]:
        page = bare / "zh" / name
        out = OUT / f"{page.stem}-no-script.png"
        run(chromium, page.as_uri(), [f"--window-size={DESK},1600", f"--screenshot={out}"], out)
    query = (site / "zh" / "search.html").as_uri() + "?q=补贴"
    out = OUT / "search-补贴.png"
    run(chromium, query, [f"--window-size={DESK},1600", f"--screenshot={out}"], out)
    out = OUT / f"{article.stem}.pdf"
    run(chromium, article.as_uri(), ["--no-pdf-header-footer", f"--print-to-pdf={out}"], out)


if __name__ == "__main__":
    main()
