/** What the monitor's tests show: figures of a campaign, entries of its feed, and news of it. */

import { advanceTime, Deferred } from "@odoo/hoot-mock";
import { getWebSocketWorker } from "@bus/../tests/mock_websocket";
import { getService } from "@web/../tests/web_test_helpers";

const KINDS = ["opened", "clicked", "replied"];

export function figures(values = {}) {
    const row = Array(24).fill(0);
    return {
        campaigns: [{ id: 7, name: "Spring" }],
        count: 1,
        status: "running",
        tiles: [
            { figure: "sent", label: "Emails sent", icon: "fa-envelope", value: 4, share: null },
            { figure: "opened", label: "Opened", icon: "fa-envelope", value: 2, share: 50 },
        ],
        states: [
            { key: "a", name: "<b>Invited</b>", kind: "start", entered: 4, here: 3 },
            { key: "b", name: "Hot", kind: "goal", entered: 1, here: 1 },
        ],
        compared: [],
        days: {
            labels: ["1 Jan", "2 Jan"],
            spans: [
                ["2026-01-01", "2026-01-01"],
                ["2026-01-02", "2026-01-02"],
            ],
            series: [{ figure: "sent", label: "Emails sent", values: [3, 1] }],
            by_week: false,
        },
        hours: {
            zone: "Europe/Rome",
            weekdays: [
                { number: 1, label: "Mon" },
                { number: 2, label: "Tue" },
            ],
            kinds: KINDS.map((kind) => ({ kind, label: kind, rows: [[5, ...row.slice(1)], row] })),
        },
        money: {
            planned: 100,
            planned_text: "$ 100",
            figures: [{ figure: "planned", label: "Planned", text: "$ 100", bad: false }],
            points: [{ day: "2026-01-02", label: "2 Jan", left: 60, text: "$ 60" }],
        },
        objectives: { count: 0, rows: [] },
        links: [{ url: "https://a.example/<x>", clicks: 3 }],
        ...values,
    };
}

export function entry(id) {
    return {
        id,
        icon: "fa-reply",
        what: "Email opened",
        who: `Person ${id}`,
        participant_id: id,
        campaign: "Spring",
        about: "Invitation",
        moment: "noon",
    };
}

export function tell(campaignId) {
    const message = { type: "flow.monitor", payload: { campaign_id: campaignId } };
    getWebSocketWorker().broadcast("BUS:NOTIFICATION", [{ id: 1, message }]);
}

/** Let a message arrive; what happens at once has happened afterwards. */
export async function arrive(campaignId) {
    const heard = new Deferred();
    const onNews = () => heard.resolve();
    getService("bus_service").subscribe("flow.monitor", onNews);
    tell(campaignId);
    await heard;
    getService("bus_service").unsubscribe("flow.monitor", onNews);
    await advanceTime(50);
}
