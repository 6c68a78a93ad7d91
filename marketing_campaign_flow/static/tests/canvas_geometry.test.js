import { describe, expect, test } from "@odoo/hoot";

import {
    bandOf,
    boxOf,
    curve,
    heightOf,
    laneAt,
    lanesOf,
    neighbour,
    placeBeside,
    portOf,
    route,
    routes,
    rowAt,
} from "@marketing_campaign_flow/workflow_canvas/canvas_geometry";
import {
    fit,
    revealing,
    toPicture,
    zoomed,
} from "@marketing_campaign_flow/workflow_canvas/canvas_viewpoint";

import { picture, state, way } from "./workflow_pictures";

describe.current.tags("headless");

/** The points through which a path goes, ends of its curves included. */
function pointsOf(path) {
    const numbers = path.match(/-?[\d.]+/g).map(Number);
    const points = [];
    for (let i = 0; i < numbers.length; i += 2) {
        points.push({ x: numbers[i], y: numbers[i + 1] });
    }
    return points;
}

const isIn = ({ x, y }, box) =>
    x > box.x && x < box.x + box.width && y > box.y && y < box.y + box.height;

test("a card is as high as its rows, and arrows leave it at their row", () => {
    const canvas = picture([
        state("a", { actions: ["1", "2"], transitions: ["w1", "w2"] }),
        state("b", { x: 400 }),
    ]);
    const { a } = canvas.states;
    expect(heightOf(a, canvas)).toBe(46 + 2 * 40 + 2 * 28 + 8);
    expect(portOf(a, "w2", canvas)).toEqual({ x: 224, y: 46 + 80 + 1.5 * 28 });
});

test("rows that are not shown take no room", () => {
    const actions = Array.from({ length: 30 }, (_one, index) => `${index}`);
    const canvas = picture([state("a", { actions })]);
    expect(heightOf(canvas.states.a, canvas)).toBe(46 + 8 * 40 + 8);
});

test("an arrow goes straight where nothing is in its way", () => {
    const from = { x: 200, y: 50 };
    const to = { x: 400, y: 80 };
    expect(route(from, to, [])).toBe(curve(from, to));
});

test("an arrow goes round a card", () => {
    const box = { x: 300, y: 0, width: 200, height: 120 };
    const path = route({ x: 200, y: 60 }, { x: 700, y: 60 }, [box]);
    expect(pointsOf(path).some((point) => isIn(point, box))).toBe(false);
});

test("an arrow back goes round the cards between", () => {
    const boxes = [0, 320, 640].map((x) => ({ x, y: 0, width: 224, height: 120 }));
    const path = route({ x: 864, y: 100 }, { x: 0, y: 20 }, boxes);
    const passing = pointsOf(path).filter(({ x }) => x > 20 && x < 840);
    expect(passing.every(({ y }) => y < 0 || y > 120)).toBe(true);
});

test("two arrows that go round the same card do not cover each other", () => {
    const boxes = [{ x: 300, y: 0, width: 200, height: 120 }];
    const taken = [];
    route({ x: 200, y: 60 }, { x: 700, y: 60 }, boxes, taken);
    route({ x: 200, y: 62 }, { x: 700, y: 62 }, boxes, taken);
    expect(Math.abs(taken[0].y - taken[1].y)).toBeGreaterThan(7);
});

test("a way to the state itself leaves its card", () => {
    const canvas = picture([state("a", { transitions: ["w"] })], [way("w", "a", "a")]);
    const box = boxOf(canvas.states.a, canvas);
    const points = pointsOf(routes(canvas).w);
    expect(points.some(({ y }) => y > box.y + box.height || y < box.y)).toBe(true);
});

test("lanes meet halfway, and a card is dropped in the one under its middle", () => {
    const canvas = picture([state("a"), state("b", { x: 400, lane: 1 })], [], {
        lanes: [{ id: 1, name: "First" }, { id: 2, name: "Second" }],
    });
    const [first, second] = lanesOf(canvas);
    expect(first.right).toBe((224 + 400) / 2);
    expect(second.left).toBe(first.right);
    expect(laneAt(100, canvas).id).toBe(1);
    expect(laneAt(5000, canvas).id).toBe(2);
});

test("what may happen in any state stands above the state it leads to, each clear of the other", () => {
    const ways = [way("u", false, "out"), way("v", false, "out"), way("s", false, false)];
    const canvas = picture([state("a"), state("out", { x: 400 })], ways, { any: ["u", "v", "s"] });
    const { chips } = bandOf(canvas);
    const [stay, one, other] = chips;
    expect(chips.map((chip) => chip.x)).toEqual([0, 400, 400]);
    expect(one.y).not.toBe(other.y);
    expect(Boolean(stay.path)).toBe(false);
    expect(chips.every((chip) => chip.y < 0)).toBe(true);
});

test("everything fits, never larger than it is", () => {
    const area = { left: -50, top: -100, right: 950, bottom: 400 };
    expect(fit(area, { width: 2000, height: 2000 }).scale).toBe(1);
    const view = fit(area, { width: 500, height: 500 });
    expect(view.scale).toBe(0.5);
    expect(toPicture(view, { x: 0, y: 0 }).x).toBe(-50);
});

test("rather than too small to be read, the beginning is shown", () => {
    const area = { left: -50, top: 0, right: 4950, bottom: 400 };
    const view = fit(area, { width: 500, height: 500 }, 0.6);
    expect(view.scale).toBe(0.6);
    expect(toPicture(view, { x: 0, y: 0 }).x).toBe(-50);
});

test("what is shown of a large picture has its start in the middle, and no gap", () => {
    const area = { left: 0, top: 0, right: 5000, bottom: 3000 };
    const room = { width: 500, height: 500 };
    const start = { x: 40, y: 2000 };
    const view = fit(area, room, 1, start);
    expect(toPicture(view, { x: 0, y: 250 })).toEqual({ x: 0, y: 2000 });
    const last = fit(area, room, 1, { x: 4990, y: 2990 });
    expect(toPicture(last, { x: 500, y: 500 })).toEqual({ x: 5000, y: 3000 });
});

test("sixty states in a row fit into a window", () => {
    const area = { left: 0, top: 0, right: 9000, bottom: 900 };
    const view = fit(area, { width: 1366, height: 700 });
    expect(toPicture(view, { x: 1366, y: 0 }).x >= 9000).toBe(true);
});

test("zooming leaves the point under the pointer where it is", () => {
    const view = { x: 30, y: -20, scale: 0.7 };
    const point = { x: 200, y: 100 };
    const before = toPicture(view, point);
    const after = toPicture(zoomed(view, 1.5, point), point);
    expect(Math.round(after.x - before.x)).toBe(0);
    expect(Math.round(after.y - before.y)).toBe(0);
});

test("a card that is seen moves nothing; one that is not comes into view", () => {
    const view = { x: 0, y: 0, scale: 1 };
    const size = { width: 500, height: 400 };
    const box = { x: 50, y: 50, width: 100, height: 100 };
    expect(revealing(view, box, size)).toEqual(view);
    const moved = revealing(view, { ...box, x: 900, y: -300 }, size);
    expect(900 + 100 + moved.x).toBe(500 - 24);
    expect(-300 + moved.y).toBe(24);
});

test("arrow keys find the next card", () => {
    const canvas = picture([
        state("a"), state("b", { x: 320 }), state("c", { x: 320, y: 200 }), state("d", { x: 640 }),
    ]);
    expect(neighbour(canvas, "a", "right")).toBe("b");
    expect(neighbour(canvas, "b", "down")).toBe("c");
    expect(neighbour(canvas, "c", "up")).toBe("b");
    expect(neighbour(canvas, "d", "left")).toBe("b");
    expect(neighbour(canvas, "a", "left")).toBe("a");
});

test("a new card stands clear of others", () => {
    const canvas = picture([state("a"), state("b", { x: 320 })]);
    const [x, y] = placeBeside(canvas, "a");
    expect(x).toBe(320);
    expect(y).toBeGreaterThan(heightOf(canvas.states.b, canvas));
});

test("a row is dropped between its siblings", () => {
    expect([5, 15, 25, 35].map((y) => rowAt(y, [10, 20, 30]))).toEqual([0, 1, 2, 3]);
});
