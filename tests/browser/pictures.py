"""`make pictures`: takes the README's pictures of the real pages, on the system that `make run` runs."""

from __future__ import annotations

import io
import json
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from administration.deployments import local_access, running_outputs
from administration.errors import AdministrationError
from local_aws.credentials import Credentials
from local_aws.web_pages import WebPages
from tests.browser.busy_desk import ADA, NOW, OTHERS, TALK, TEAM, busy_contacts
from tests.browser.conftest import CHROMIUM, FLAGS, PATIENCE_MS
from tests.browser.people import Person, Seller, Stage, Visitor
from tests.browser.played_desk import PlayedDesk
from tests.end_to_end.deployed_system import DeployedSystem

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "images"
PHONE = {"width": 390, "height": 720}
DESK = {"width": 1130, "height": 720}
PHONE_PIXELS = 700
GAP = 16
BACKGROUND = "#d9dde1"
FILM_WIDTH = 960
COLOURS = 96


class Film:
    """Frames of two pages side by side."""

    def __init__(self, *people: Person) -> None:
        self._people = people
        self._frames: list[Image.Image] = []
        self._durations: list[int] = []

    def take(self, milliseconds: int) -> None:
        """Add a frame that is shown this long."""
        self._frames.append(side_by_side([picture(person) for person in self._people]))
        self._durations.append(milliseconds)

    def type(self, person: Person, label: str, text: str) -> None:
        """Write into a field, a frame every few letters."""
        field = person.page.get_by_label(label)
        for start in range(0, len(text), 6):
            field.press_sequentially(text[start : start + 6])
            self.take(120)

    def write(self, path: Path) -> None:
        """Write an animated GIF that goes on for ever."""
        height = FILM_WIDTH * self._frames[0].height // self._frames[0].width
        # One palette for all frames: colours that differ from frame to frame would flicker.
        both = Image.new("RGB", (FILM_WIDTH, 2 * height))
        for top, frame in ((0, self._frames[0]), (height, self._frames[-1])):
            both.paste(frame.resize((FILM_WIDTH, height)), (0, top))
        palette = both.quantize(COLOURS)
        small = [
            frame.resize((FILM_WIDTH, height), Image.Resampling.LANCZOS).quantize(
                palette=palette, dither=Image.Dither.NONE
            )
            for frame in self._frames
        ]
        small[0].save(path, save_all=True, append_images=small[1:], duration=self._durations, loop=0, optimize=True)


def picture(person: Person) -> Image.Image:
    """What somebody sees."""
    return shot(person.page)


def shot(page: Page) -> Image.Image:
    """A page as it looks."""
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def side_by_side(pictures: list[Image.Image]) -> Image.Image:
    """Pictures in a row, with room around each."""
    width = sum(each.width + GAP for each in pictures) + GAP
    row = Image.new("RGB", (width, max(each.height for each in pictures) + 2 * GAP), BACKGROUND)
    left = GAP
    for each in pictures:
        row.paste(each, (left, GAP))
        left += each.width + GAP
    return row


def act(film: Film, visitor: Visitor, seller: Seller) -> None:
    """A short conversation."""
    film.take(1200)
    visitor.open_chat()
    film.take(800)
    film.type(visitor, "Name", "Ada Lovelace")
    visitor.page.get_by_role("button", name="Start chat").click()
    visitor.page.get_by_label("Write a message").wait_for()
    seller.contact("Ada Lovelace").wait_for()
    film.take(800)
    film.type(visitor, "Write a message", "Hello! Is the moss bowl dishwasher safe?")
    visitor.page.get_by_label("Write a message").press("Enter")
    seller.contact("dishwasher").wait_for()
    film.take(1000)
    seller.choose("Ada Lovelace")
    visitor.log().get_by_label("Read").wait_for()
    film.take(800)
    film.type(seller, "Write to Ada Lovelace", "Hello Ada! It is. All our glazes are.")
    visitor.log().get_by_text("is typing").wait_for(state="attached")
    film.take(800)
    seller.page.get_by_label("Write to Ada Lovelace").press("Enter")
    visitor.log().get_by_text("All our glazes").wait_for()
    film.take(1200)
    film.type(visitor, "Write a message", "Wonderful, thank you!")
    visitor.page.get_by_label("Write a message").press("Enter")
    seller.log().get_by_text("Wonderful").wait_for()
    visitor.log().get_by_label("Read").nth(1).wait_for()
    film.take(2500)


def context_of(browser: Browser, size: dict[str, int], scheme: str) -> BrowserContext:
    """Somebody's browser."""
    context = browser.new_context(viewport=size, locale="en-GB", color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE_MS)
    return context


def take_pictures(browser: Browser, stage: Stage) -> None:
    """Write every picture of the README."""
    for scheme in ("light", "dark"):
        stage.seller_id = f"clay-{scheme}-{time.time_ns() % 10_000}"
        seller = stage.seller(context_of(browser, DESK, scheme))
        visitor = stage.visitor(context_of(browser, PHONE, scheme))
        film = Film(visitor, seller)
        act(film, visitor, seller)
        side_by_side([picture(visitor), picture(seller)]).save(FOLDER / f"chat-{scheme}.png", optimize=True)
        if scheme == "light":
            film.write(FOLDER / "chat.gif")


def console_at(browser: Browser, width: int, scheme: str = "light", density: str = "comfortable") -> Page:
    """A seller's console with twenty chats and those who wait, of which the first one is open where there is room."""
    context = context_of(browser, {"width": width, "height": 1080 if width > 1500 else 800}, scheme)
    context.add_init_script(f"localStorage['seller-console:preferences'] = '{json.dumps({'density': density})}'")
    context.clock.set_fixed_time(NOW)
    desk = PlayedDesk(context, contacts=busy_contacts(), team=TEAM)
    # Where it pressed to sign in, it would hover over somebody.
    desk.page.mouse.move(0, 0)
    desk.page.locator(".contact", has_text=OTHERS[-1][0]).get_by_text("You: ").wait_for()
    if width > PHONE_PIXELS:
        desk.page.get_by_role("navigation").get_by_role("button", name=ADA["name"]).click()
        desk.page.get_by_role("log").get_by_text(TALK[-1]).wait_for()
    return desk.page


def take_console_pictures(browser: Browser) -> None:
    """Write the pictures of a console with much to do."""
    page = console_at(browser, 1280)
    page.get_by_label("Snooze", exact=True).click()
    page.screenshot(path=FOLDER / "console-1280.png")
    console_at(browser, 1920, "dark", "compact").screenshot(path=FOLDER / "console-1920.png")
    phone = console_at(browser, 375)
    pictures = [shot(phone)]
    phone.get_by_role("navigation").get_by_role("button", name=ADA["name"]).click()
    phone.get_by_role("log").get_by_text(TALK[-1]).wait_for()
    side_by_side([*pictures, shot(phone)]).save(FOLDER / "console-375.png", optimize=True)


def main() -> int:
    """Take the pictures; return 1 after one line on standard error if nothing is running."""
    try:
        outputs, access = running_outputs(), local_access()
    except AdministrationError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    FOLDER.mkdir(exist_ok=True)
    system = DeployedSystem(access.endpoint, outputs, Credentials(access.access_key_id, access.secret_access_key))
    pages = cast("WebPages", SimpleNamespace(url=outputs["ShopUrl"]))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        take_pictures(browser, Stage(system, pages, ""))
        take_console_pictures(browser)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
