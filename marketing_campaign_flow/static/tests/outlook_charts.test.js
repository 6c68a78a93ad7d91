import { describe, expect, test } from "@odoo/hoot";

import {
    messagesChart,
    moneyChart,
    peopleChart,
    tableRows,
} from "@marketing_campaign_flow/outlook/outlook_charts";

describe.current.tags("headless");

const look = { text: "#000", grid: "#ccc", danger: "#f00", color: () => "#00f", faint: (color) => color };
const days = ["1 Jan", "2 Jan"];

test("states in which nobody ever is are not drawn", () => {
    const people = [
        { label: "Start", values: [1000, 400] },
        { label: "Nobody", values: [0, 0.2] },
    ];
    const { data } = peopleChart({ days, people }, look, String);
    expect(data.datasets.map(({ label }) => label)).toEqual(["Start"]);
    expect(data.labels).toEqual(days);
});

test("messages stand on top of each other", () => {
    const messages = [{ label: "Hello", values: [10, 0] }];
    const { options, data } = messagesChart({ days, messages }, look, String);
    expect(options.scales.y.stacked).toBe(true);
    expect(data.datasets[0].data).toEqual([10, 0]);
});

test("the budget is a line beside the costs, where there is one", () => {
    const words = { cost: "Cost", budget: "Budget" };
    const money = { values: [5, 12], budget: 10 };
    const { data } = moneyChart({ days, money }, look, String, words);
    expect(data.datasets[1].data).toEqual([10, 10]);
    const without = moneyChart({ days, money: { values: [5, 12], budget: null } }, look, String, words);
    expect(without.data.datasets).toHaveLength(1);
});

test("tables have a row for each day", () => {
    const rows = tableRows(days, [{ values: [1, 2] }, { values: [3, 4] }]);
    expect(rows).toEqual([
        { day: "1 Jan", cells: [1, 3] },
        { day: "2 Jan", cells: [2, 4] },
    ]);
});
