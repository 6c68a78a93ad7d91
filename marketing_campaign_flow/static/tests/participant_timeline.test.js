import { describe, expect, test } from "@odoo/hoot";
import { byDay } from "@marketing_campaign_flow/participant_timeline/by_day";

describe.current.tags("headless");

const entry = (kind, day) => ({ kind, day, text: kind });

test("lines of one day stand together, in their order", () => {
    const [past] = byDay([entry("started", "Monday"), entry("done", "Monday"), entry("event", "Tuesday")]);
    expect(past.isPlanned).toBe(false);
    expect(past.days.map(({ day }) => day)).toEqual(["Monday", "Tuesday"]);
    expect(past.days[0].entries.map(({ kind }) => kind)).toEqual(["started", "done"]);
});

test("what is planned stands apart from what has happened on the same day", () => {
    const parts = byDay([entry("done", "Monday"), entry("scheduled", "Monday"), entry("waits", false)]);
    expect(parts.map(({ isPlanned }) => isPlanned)).toEqual([false, true]);
    expect(parts[1].days.map(({ day }) => day)).toEqual(["Monday", false]);
});

test("nothing has happened", () => {
    expect(byDay([])).toEqual([]);
});
