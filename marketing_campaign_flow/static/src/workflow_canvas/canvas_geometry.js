/**
 * Where things are in the picture of a workflow: pure, in pixels at full size.
 *
 * A card stands at its left upper corner. An arrow leaves a card at the right of its row and reaches
 * another one at the left of its head.
 */

const CLEARANCE = 14;
const APART = 9;
const BEND = 44;
const TURN = 60;
const LANE_MARGIN = 28;
const LANE_HEAD = 34;
export const CHIP = { height: 32, gap: 6 };

/** How high the rows of the actions of a state are together. */
function actionsHeight(state, { sizes, rows, actions }) {
    const shown = state.actions.slice(0, rows);
    const rates = shown.filter((key) => actions[key]?.has_rates).length;
    return shown.length * sizes.action + rates * sizes.rates;
}

export function heightOf(state, canvas) {
    const { sizes } = canvas;
    const ways = state.transitions.length * sizes.way;
    return sizes.head + actionsHeight(state, canvas) + ways + sizes.foot;
}

/** The box of a card. */
export function boxOf(state, canvas) {
    const { x, y } = state;
    return { x, y, width: canvas.sizes.width, height: heightOf(state, canvas) };
}

/** Where the arrow of a way leaves the card of its state. */
export function portOf(state, transitionKey, canvas) {
    const { sizes } = canvas;
    const index = Math.max(0, state.transitions.indexOf(transitionKey));
    return {
        x: state.x + sizes.width,
        y: state.y + sizes.head + actionsHeight(state, canvas) + (index + 0.5) * sizes.way,
    };
}

/** Where arrows reach a card. */
export function entryOf(state, { sizes }) {
    return { x: state.x, y: state.y + sizes.head / 2 };
}

// -- arrows ----------------------------------------------------------------------------------

function meets(box, left, right, top, bottom) {
    return (
        box.x < right && box.x + box.width > left && box.y < bottom && box.y + box.height > top
    );
}

function pointOn(t, a, b, c, d) {
    const s = 1 - t;
    return s * s * s * a + 3 * s * s * t * b + 3 * s * t * t * c + t * t * t * d;
}

/** Whether the plain curve between two points stays clear of boxes. */
function isClear(from, to, bend, boxes) {
    for (let step = 1; step < 16; step++) {
        const t = step / 16;
        const x = pointOn(t, from.x, from.x + bend, to.x - bend, to.x);
        const y = pointOn(t, from.y, from.y, to.y, to.y);
        if (boxes.some((box) => meets(box, x - 4, x + 4, y - 6, y + 6))) {
            return false;
        }
    }
    return true;
}

/** Stretches without a gap between them, from top to bottom. */
function merged(stretches) {
    const found = [];
    for (const [top, bottom] of stretches.sort((a, b) => a[0] - b[0])) {
        const last = found.at(-1);
        if (last && top < last[1]) {
            last[1] = Math.max(last[1], bottom);
        } else {
            found.push([top, bottom]);
        }
    }
    return found;
}

/**
 * The height at which an arrow passes between boxes, with the least way up and down.
 *
 * @param {Array} taken ``{ y, left, right }`` of arrows that pass already
 */
function passage(from, to, left, right, boxes, taken) {
    const blocked = merged([
        ...boxes
            .filter((box) => box.x < right && box.x + box.width > left)
            .map((box) => [box.y - CLEARANCE, box.y + box.height + CLEARANCE]),
        ...taken
            .filter((one) => one.left < right && one.right > left)
            .map((one) => [one.y - APART, one.y + APART]),
    ]);
    const isFree = (y) => !blocked.some(([top, bottom]) => y > top && y < bottom);
    const free = [...[from.y, to.y].filter(isFree), ...blocked.flat()];
    const length = (y) => Math.abs(y - from.y) + Math.abs(y - to.y);
    const y = free.reduce((best, one) => (length(one) < length(best) ? one : best));
    taken.push({ y, left, right });
    return y;
}

/** The plain curve: what is drawn while something is dragged. */
export function curve(from, to) {
    const distance = to.x - from.x;
    const bend = distance > 0 ? Math.max(BEND, distance / 2) : 90;
    return `M${from.x} ${from.y}C${from.x + bend} ${from.y} ${to.x - bend} ${to.y} ${to.x} ${to.y}`;
}

/**
 * The path of an arrow that goes round cards where it can.
 *
 * @param {{x, y}} from
 * @param {{x, y}} to
 * @param {Array} boxes of all cards
 * @param {Array} taken see `passage`; the passage of this arrow is added
 */
export function route(from, to, boxes, taken = []) {
    const distance = to.x - from.x;
    if (distance >= BEND) {
        const bend = Math.max(BEND, distance / 2);
        const between = boxes.filter((box) => box.x + box.width > from.x + 1 && box.x < to.x - 1);
        if (isClear(from, to, bend, between)) {
            return curve(from, to);
        }
        const y = passage(from, to, from.x + 30, to.x - 30, between, taken);
        const turn = Math.min(TURN, distance / 2);
        return (
            `M${from.x} ${from.y}C${from.x + turn} ${from.y} ${from.x} ${y} ${from.x + turn} ${y}` +
            `L${to.x - turn} ${y}C${to.x} ${y} ${to.x - turn} ${to.y} ${to.x} ${to.y}`
        );
    }
    const y = passage(from, to, to.x - 10, from.x + 10, boxes, taken);
    return (
        `M${from.x} ${from.y}C${from.x + BEND} ${from.y} ${from.x + BEND} ${y} ${from.x} ${y}` +
        `L${to.x} ${y}C${to.x - BEND} ${y} ${to.x - BEND} ${to.y} ${to.x} ${to.y}`
    );
}

/** The paths of all arrows between cards, by the key of the way. */
export function routes(canvas) {
    const boxes = Object.values(canvas.states).map((state) => boxOf(state, canvas));
    const taken = [];
    const paths = {};
    for (const way of Object.values(canvas.transitions)) {
        if (way.source && way.target) {
            const source = canvas.states[way.source];
            const target = canvas.states[way.target];
            paths[way.key] = route(
                portOf(source, way.key, canvas), entryOf(target, canvas), boxes, taken
            );
        }
    }
    return paths;
}

// -- lanes and what stands above them ----------------------------------------------------------

/** What all cards take together. */
export function cardsBounds(canvas) {
    const boxes = Object.values(canvas.states).map((state) => boxOf(state, canvas));
    if (!boxes.length) {
        return { left: 0, top: 0, right: canvas.sizes.width, bottom: 160 };
    }
    return {
        left: Math.min(...boxes.map((box) => box.x)),
        top: Math.min(...boxes.map((box) => box.y)),
        right: Math.max(...boxes.map((box) => box.x + box.width)),
        bottom: Math.max(...boxes.map((box) => box.y + box.height)),
    };
}

/** The lanes, from left to right: name, left, right, top, bottom. */
export function lanesOf(canvas) {
    const bounds = cardsBounds(canvas);
    const states = Object.values(canvas.states);
    const lanes = canvas.lanes
        .map((lane, index) => {
            const xs = states.filter((one) => one.lane === index).map((one) => one.x);
            return {
                ...lane,
                index,
                first: Math.min(...xs),
                last: Math.max(...xs) + canvas.sizes.width,
                top: bounds.top - LANE_HEAD - 12,
                bottom: bounds.bottom + 28,
            };
        })
        .filter((lane) => Number.isFinite(lane.first));
    lanes.forEach((lane, position) => {
        const before = lanes[position - 1];
        lane.left = before ? before.right : lane.first - LANE_MARGIN;
        const after = lanes[position + 1];
        lane.right = after ? (lane.last + after.first) / 2 : lane.last + LANE_MARGIN;
    });
    return lanes;
}

/** The lane in which a card is dropped, by its middle. */
export function laneAt(x, canvas) {
    const lanes = lanesOf(canvas);
    return lanes.find((lane) => x < lane.right) || lanes.at(-1);
}

/**
 * The band of what may happen in any state: one chip per way, above the state it leads to.
 *
 * @returns {{chips: Array, top: number}} chips with `key`, `x`, `y`, and `path` to the target
 */
export function bandOf(canvas) {
    const bounds = cardsBounds(canvas);
    const bottom = bounds.top - LANE_HEAD - 24;
    const { width } = canvas.sizes;
    const chips = canvas.any
        .map((key) => {
            const target = canvas.states[canvas.transitions[key].target];
            return { key, target, x: target ? target.x : bounds.left };
        })
        .sort((a, b) => a.x - b.x);
    const ends = [];
    const counts = new Map();
    for (const chip of chips) {
        let row = ends.findIndex((end) => end <= chip.x);
        row = row < 0 ? ends.length : row;
        ends[row] = chip.x + width + CHIP.gap;
        chip.y = bottom - (row + 1) * (CHIP.height + CHIP.gap);
        if (chip.target) {
            const number = counts.get(chip.target.key) || 0;
            counts.set(chip.target.key, number + 1);
            const entry = entryOf(chip.target, canvas);
            const y = entry.y + 9;
            const out = chip.x - 16 - 6 * number;
            const start = chip.y + CHIP.height / 2;
            chip.path =
                `M${chip.x} ${start}Q${out} ${start} ${out} ${start + 16}` +
                `L${out} ${y - 12}Q${out} ${y} ${entry.x} ${y}`;
        }
    }
    const rows = ends.length + (ends.length || canvas.editable ? 1 : 0);
    return { chips, top: bottom - rows * (CHIP.height + CHIP.gap), bottom };
}

/** What the whole picture takes: cards, lanes, band. */
export function bounds(canvas) {
    const cards = cardsBounds(canvas);
    const lanes = lanesOf(canvas);
    return {
        left: Math.min(cards.left - LANE_MARGIN, ...lanes.map((lane) => lane.left)),
        right: Math.max(cards.right + LANE_MARGIN, ...lanes.map((lane) => lane.right)),
        top: bandOf(canvas).top - 8,
        bottom: cards.bottom + 32,
    };
}

// -- finding one's way by keyboard -------------------------------------------------------------

/** The key of the next card in a direction: the nearest one, straight ahead before aside. */
export function neighbour(canvas, key, direction) {
    const here = boxOf(canvas.states[key], canvas);
    const sideways = direction === "left" || direction === "right";
    const sign = direction === "left" || direction === "up" ? -1 : 1;
    let best = null;
    for (const state of Object.values(canvas.states)) {
        const box = boxOf(state, canvas);
        const across = box.x - here.x;
        const down = box.y + box.height / 2 - here.y - here.height / 2;
        const ahead = sign * (sideways ? across : down);
        const aside = Math.abs(sideways ? down : across);
        if (state.key === key || ahead < 20) {
            continue;
        }
        const distance = ahead + 2 * aside;
        if (!best || distance < best.distance) {
            best = { key: state.key, distance };
        }
    }
    return best ? best.key : key;
}

/** The place for a new card at the right of another, clear of all cards. */
export function placeBeside(canvas, key) {
    const { sizes } = canvas;
    const here = canvas.states[key];
    const x = here.x + sizes.width + sizes.column_gap;
    const height = sizes.head + sizes.foot;
    let y = here.y;
    const boxes = Object.values(canvas.states)
        .map((state) => boxOf(state, canvas))
        .sort((a, b) => a.y - b.y);
    for (const box of boxes) {
        if (meets(box, x - 8, x + sizes.width + 8, y - sizes.row_gap, y + height + sizes.row_gap)) {
            y = box.y + box.height + sizes.row_gap;
        }
    }
    return [Math.round(x), Math.round(y)];
}

/** The place of a dragged row among its siblings, by the height at which it is dropped. */
export function rowAt(y, middles) {
    return middles.filter((middle) => y > middle).length;
}
