"""Pictures of the form of each kind of action and of each trigger, as the user guide shows them.

They are taken in a database of their own that has all addons, filled in by Marta of marketing.
"""

from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps

from tools import environment, places
from tools.console import SetupError, say
from tools.demo import database, playing
from tools.demo.client import Client
from tools.odoo_server import OdooInstance
from tools.screenshots import actions, triggers
from tools.screenshots.browser import logged_in
from tools.screenshots.studio import Studio

SIZE = {"width": 1000, "height": 1400}
COLORS = 64
MARGIN, LINE = 14, "#cccccc"
# No animations, and dialogs as wide as pictures may be.
STYLE = ".modal-dialog { max-width: 900px !important; } * { transition: none !important; }"
DIALOG = ".modal:not(.o_inactive_modal)"
SHEET = f"{DIALOG} .o_form_sheet"
RULE = f"{SHEET} .o_inner_group:has(.o_field_widget[name=event_kind])"  # what events are asked for
ONLY_IF, ON_THE_WAY = (
    f"{SHEET} .o_horizontal_separator:has-text('{title}')"
    for title in ("Only if", "Actions on the way")
)
# Opens a record in a dialog, as a click on its row does.
OPEN = """([model, id]) => odoo.__WOWL_DEBUG__.root.env.services.action.doAction({
    type: "ir.actions.act_window", name: "Open", res_model: model, res_id: id,
    views: [[false, "form"]], target: "new",
})"""


@dataclass(frozen=True)
class Picture:
    """A picture to take.

    :param path: below the folder of pictures, without its ending
    :param part: what of the form it shows, from its top down to the line `until`, if one is given
    """

    path: str
    model: str
    record: int
    part: str = SHEET
    until: str = ""

    @property
    def name(self) -> str:
        """The kind of action or trigger."""
        return Path(self.path).stem


def take(folder: Path, only: list[str] | None = None) -> None:
    """Take one picture per kind of action, of event, and per other trigger.

    :param only: the kinds to take; all of them when it is empty
    """
    prepared = environment.prepare(browser=True)
    addons = [name for name in places.addons() if not name.endswith("_queue")]  # has no forms
    name = database.ready(prepared, "pictures", addons, demo=False)
    with OdooInstance(prepared, name) as server:
        admin = Client(server.url, name, "admin", "admin")
        pictures = _pictures(Studio(admin, playing.staff(admin)))
        unknown = set(only or ()) - {picture.name for picture in pictures}
        if unknown:
            raise SetupError(f"There is no such action or trigger: {', '.join(sorted(unknown))}.")
        with logged_in(server.url, SIZE) as page:
            page.add_style_tag(content=STYLE)
            for picture in pictures:
                if not only or picture.name in only:
                    path = folder / f"{picture.path}.png"
                    _take(page, picture, path)
                    say(f"  {path}")


def _pictures(studio: Studio) -> list[Picture]:
    return [
        *(
            Picture(f"actions/{kind}", "flow.action", studio.action(kind, **values))
            for kind, values in actions.values(studio).items()
        ),
        *(_of_event(studio, kind, values) for kind, values in triggers.events(studio).items()),
        *(
            Picture(f"triggers/{trigger}", "flow.transition", record, until=ON_THE_WAY)
            for trigger, values in triggers.others(studio).items()
            for record in [studio.way_out(trigger, **values)]
        ),
        *(
            Picture(f"triggers/{name}", "flow.entry", studio.way_in(**values))
            for name, values in triggers.ways_in(studio).items()
        ),
        Picture("triggers/event", "flow.transition", triggers.stays(studio)),
    ]


def _of_event(studio: Studio, kind: str, values: dict) -> Picture:
    """What is asked for of an event; its filters too where there is one on what it is about."""
    record = studio.way_out("event", event_kind=kind, **values)
    until = ON_THE_WAY if "event_domain" in values else ONLY_IF
    return Picture(f"triggers/{kind}", "flow.transition", record, RULE, until)


def _take(page, picture: Picture, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    page.evaluate(OPEN, [picture.model, picture.record])
    page.locator(SHEET).wait_for()
    page.wait_for_timeout(500)  # pictures of people, counts of filters
    page.evaluate("document.activeElement.blur()")
    page.mouse.move(5, 5)
    box = page.locator(picture.part).first.bounding_box()
    if picture.until:
        box["height"] = page.locator(picture.until).bounding_box()["y"] - box["y"]
    page.screenshot(path=path, clip=box)
    _finish(path)
    page.locator(f"{DIALOG} .btn-close").click()
    page.locator(DIALOG).wait_for(state="detached")


def _finish(path: Path) -> None:
    """Put a line around the picture and keep as few colors as it needs."""
    with Image.open(path) as taken:
        picture = taken.convert("RGB")
    _left, top, _right, bottom = ImageOps.invert(picture).getbbox()
    framed = ImageOps.expand(picture.crop((0, top, picture.width, bottom)), MARGIN, "white")
    framed = ImageOps.expand(framed, 1, LINE)
    framed.quantize(COLORS, dither=Image.Dither.NONE).save(path, optimize=True)
