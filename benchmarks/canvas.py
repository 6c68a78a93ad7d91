"""The picture of a workflow of sixty states in a real browser: opened, a card dragged, what was
done undone, and a card selected, with its form beside the picture.

No contacts are needed. What a person waits for is the time from the click on the tab until all
cards are painted; what makes dragging smooth is how long the browser computes for each step of the
pointer, and that nothing holds it up.
"""

from statistics import median

from playwright.sync_api import sync_playwright

from benchmarks.harness import ROUNDS, Figure
from tools import environment
from tools.odoo_server import OdooInstance
from tools.screenshots import CHROMIUM_OPTIONS
from tools.screenshots import SIZE as SCREEN

STATES = 60
STEPS = 60  # of the pointer
PATIENCE = 60_000  # ms

ANSWER = "**/edit_canvas"
# Until what has come is drawn: some frames later.
FRAMES = """
    async () => {
        for (let frame = 0; frame < 5; frame++) {
            await new Promise((done) => requestAnimationFrame(done));
        }
    }
"""
WATCH = """
    window.flowTasks = [];
    new PerformanceObserver((list) => {
        window.flowTasks.push(...list.getEntries().map((task) => task.duration));
    }).observe({ entryTypes: ["longtask"] });
"""
# From the click to the frame after the one in which the last card was drawn.
OPEN = """
    (states) => new Promise((done) => {
        const began = performance.now();
        const look = () => {
            if (document.querySelectorAll(".o_flow_card").length < states) {
                return requestAnimationFrame(look);
            }
            requestAnimationFrame(() => done(performance.now() - began));
        };
        document.querySelector(".o_notebook a[name=workflow]").click();
        look();
    })
"""


def run(env, size: int | None) -> list[Figure]:
    """Measure and return the figures.

    :param size: states, instead of sixty
    """
    states = size or STATES
    campaign = _campaign(env, states)
    env.cr.commit()
    prepared = environment.prepare(browser=True)
    opened, steps, tasks = [], [], []
    with OdooInstance(prepared, env.cr.dbname) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=prepared.browser, args=list(CHROMIUM_OPTIONS)
        )
        page = browser.new_page(viewport=SCREEN)
        page.set_default_timeout(PATIENCE)
        _log_in(page, server.url, campaign)
        for _round in range(ROUNDS):
            page.click(".o_notebook a[name=workflow_list]")
            page.wait_for_selector("[name=state_ids]")
            page.evaluate(WATCH)
            opened.append(page.evaluate(OPEN, states) / 1000)
            page.click("[name=full]")
            page.click("[name=fit]")
            steps += _drag(page)
            _undo(page)
            _select(page)
            page.click("[name=full]")
            page.evaluate(FRAMES)
            tasks += page.evaluate("window.flowTasks")
        browser.close()
    prepared.close()
    name = f"canvas, {states} states"
    return [
        Figure(f"{name}, painted after", median(opened), "s", target=1),
        Figure(f"{name}, scripting per step of a drag", median(steps), "ms", target=16),
        Figure(f"{name}, longest task", max(tasks, default=0), "ms", target=100),
    ]


def _campaign(env, states):
    """Return a campaign with a workflow whose states have three actions and two ways out each."""
    campaign = env["flow.campaign"].create({"name": "Benchmark of the canvas"})
    workflow = campaign.workflow_id
    workflow.state_ids.unlink()
    phases = env["flow.phase"].search([])
    made = env["flow.state"].create(
        [
            {
                "workflow_id": workflow.id,
                "name": f"State {number}",
                "kind": "start" if not number else "normal",
                "sequence": number,
                "phase_id": phases[number * len(phases) // states].id,
            }
            for number in range(states)
        ]
    )
    env["flow.action"].create(
        [
            {"state_id": state.id, "kind": "wait", "timing": "delay", "delay_value": days}
            for state in made
            for days in (1, 2, 3)
        ]
    )
    env["flow.transition"].create(
        [
            {
                "workflow_id": workflow.id,
                "state_id": state.id,
                "target_id": made[(number * 2 + further) % states].id,
                "trigger": "timeout",
            }
            for number, state in enumerate(made)
            for further in (1, 2)
        ]
    )
    return campaign


def _log_in(page, url, campaign):
    page.goto(f"{url}/web/login")
    page.fill("input[name=login]", "admin")
    page.fill("input[name=password]", "admin")
    page.click("button[type=submit]")
    page.wait_for_selector(".o_web_client")
    page.goto(f"{url}/odoo/action-marketing_campaign_flow.flow_campaign_action/{campaign.id}")
    page.wait_for_selector(".o_flow_card")


def _drag(page) -> list[float]:
    """Drag a card about; return the milliseconds of scripting of each step."""
    browser = page.context.new_cdp_session(page)
    browser.send("Performance.enable")

    def scripting():
        metrics = browser.send("Performance.getMetrics")["metrics"]
        return 1000 * next(one["value"] for one in metrics if one["name"] == "ScriptDuration")

    box = page.locator(".o_flow_card .o_flow_name").first.bounding_box()
    x, y = box["x"] + 4, box["y"] + 4
    page.mouse.move(x, y)
    page.mouse.down()
    taken = []
    for step in range(STEPS):
        before = scripting()
        page.mouse.move(x + step * 3, y + step % 20)
        taken.append(scripting() - before)
    page.locator(".o_flow_dragged").wait_for()  # it was dragged indeed
    with page.expect_response(ANSWER):
        page.mouse.up()
    page.locator(".o_flow_dragged").wait_for(state="detached")
    page.evaluate(FRAMES)
    browser.detach()
    return taken


def _undo(page):
    """Take the last change back, until the picture is as it was before."""
    with page.expect_response(ANSWER):
        page.click("[name=undo]")
    page.evaluate(FRAMES)


def _select(page):
    """Select a card and let go of it."""
    page.locator(".o_flow_card .o_flow_name").nth(1).click()
    page.wait_for_selector(".o_flow_panel .o_form_view")
    page.evaluate(FRAMES)
    page.click(".o_flow_panel_close")
    page.wait_for_selector(".o_flow_panel", state="detached")
    page.evaluate(FRAMES)
