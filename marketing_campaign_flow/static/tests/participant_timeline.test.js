import { describe, expect, test } from "@odoo/hoot";
import { click, queryAllTexts, queryFirst } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { mockService, mountWithCleanup } from "@web/../tests/web_test_helpers";

import { byDay } from "@marketing_campaign_flow/participant_timeline/by_day";
import { ParticipantTimeline } from "@marketing_campaign_flow/participant_timeline/participant_timeline";

describe.current.tags("desktop");
defineMailModels();

function entry(kind, day, values = {}) {
    return { kind, day, text: kind, reason: "", icon: "fa-check", time: "9:00 AM", ...values };
}

async function mountTimeline(entries) {
    mockService("action", {
        doActionButton({ name, resId }) {
            expect.step(`${name} ${resId}`);
        },
    });
    const record = { data: { timeline: entries }, context: {}, load: () => {} };
    await mountWithCleanup(ParticipantTimeline, { props: { name: "timeline", record } });
}

test("lines of one day stand together, in their order", () => {
    const [past] = byDay([
        entry("started", "Monday"),
        entry("done", "Monday"),
        entry("event", "Tuesday"),
    ]);
    expect(past.isPlanned).toBe(false);
    expect(past.days.map(({ day }) => day)).toEqual(["Monday", "Tuesday"]);
    expect(past.days[0].entries.map(({ kind }) => kind)).toEqual(["started", "done"]);
});

test("what is planned stands apart from what has happened on the same day", () => {
    const parts = byDay([
        entry("done", "Monday"),
        entry("scheduled", "Monday"),
        entry("waits", false),
    ]);
    expect(parts.map(({ isPlanned }) => isPlanned)).toEqual([false, true]);
    expect(parts[1].days.map(({ day }) => day)).toEqual(["Monday", false]);
});

test("nothing has happened", () => {
    expect(byDay([])).toEqual([]);
});

test("names are shown as text", async () => {
    await mountTimeline([entry("event", "Monday", { text: "<b>Bold</b>", reason: "<i>why</i>" })]);
    expect(queryAllTexts(".o_flow_timeline_entry span.text-break")).toEqual(["<b>Bold</b>"]);
    expect(queryFirst(".o_flow_timeline_entry b, .o_flow_timeline_entry div i")).toBe(null);
});

test("an email that was sent can be read", async () => {
    await mountTimeline([entry("done", "Monday", { letter: true, step_id: 5 })]);
    await click("[data-kind=done] button");
    expect.verifySteps(["action_read_letter 5"]);
});

test("what is planned is run now, or left out when somebody confirms it", async () => {
    await mountTimeline([entry("scheduled", "Monday", { step_id: 7 })]);
    expect(queryAllTexts("[data-kind=scheduled] button")).toEqual(["Run now", "Leave out"]);
    await click("[data-kind=scheduled] button:eq(0)");
    expect.verifySteps(["action_run_now 7"]);
    await click("[data-kind=scheduled] button:eq(1)");
    await animationFrame();
    expect.verifySteps([]);
    await click(".modal footer .btn-primary");
    await animationFrame();
    expect.verifySteps(["action_skip 7"]);
});
