import { neighbour } from "./canvas_geometry";

const DIRECTIONS = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" };
const STEPS = { left: [-20, 0], right: [20, 0], up: [0, -20], down: [0, 20] };

/** What a key does in the picture; see `KeysHelp` for the words. */
export function onKey(canvas, ev) {
    if (ev.target.closest("input, textarea, [contenteditable=true]")) {
        return;
    }
    const command = ev.ctrlKey || ev.metaKey ? withControl(canvas, ev) : plain(canvas, ev);
    if (command) {
        ev.preventDefault();
        ev.stopPropagation();
        command();
    }
}

function withControl(canvas, ev) {
    const { editable } = canvas.picture;
    const key = ev.key.toLowerCase();
    if (key === "c") {
        return () => canvas.copy();
    }
    if (key === "a") {
        return () => canvas.pickAll();
    }
    if (!editable) {
        return null;
    }
    return {
        z: () => (ev.shiftKey ? canvas.redo() : canvas.undo()),
        y: () => canvas.redo(),
        d: () => canvas.duplicate(),
        x: async () => {
            await canvas.copy();
            await canvas.remove();
        },
    }[key];
}

function plain(canvas, ev) {
    const { editable } = canvas.picture;
    const row = ev.target.closest(".o_flow_row");
    const card = ev.target.closest(".o_flow_card");
    const onCard = card === ev.target;
    const direction = DIRECTIONS[ev.key];
    if (direction && ev.altKey) {
        return editable ? () => shift(canvas, direction, row, card) : null;
    }
    if (direction) {
        return () => go(canvas, direction, row, card);
    }
    if (onCard && (ev.key === "Enter" || ev.key === " ")) {
        return () => canvas.enter(card.dataset.key);
    }
    const view = {
        "+": () => canvas.zoom(1.2),
        "=": () => canvas.zoom(1.2),
        "-": () => canvas.zoom(1 / 1.2),
        0: () => canvas.fit(),
        "?": () => canvas.help(),
        Escape: () => canvas.letGo(),
    }[ev.key];
    if (view || !editable || ev.altKey) {
        return view;
    }
    const key = card?.dataset.key;
    const state = key && canvas.picture.states[key];
    return {
        n: () => canvas.addBeside(state),
        a: state && (() => canvas.addAction(state)),
        c: state && (() => canvas.beginConnecting(state)),
        f2: state && (() => canvas.beginRenaming(state.key)),
        delete: () => canvas.remove(row, key),
        backspace: () => canvas.remove(row, key),
    }[ev.key.toLowerCase()];
}

/** Go to the next card, or to the next row of a card. */
function go(canvas, direction, row, card) {
    if (row && (direction === "up" || direction === "down")) {
        const rows = [...card.querySelectorAll(".o_flow_row_button")];
        const here = rows.indexOf(row.querySelector(".o_flow_row_button"));
        const next = rows[here + (direction === "up" ? -1 : 1)];
        (next || card).focus();
        return;
    }
    const { states } = canvas.picture;
    const key = card ? neighbour(canvas.picture, card.dataset.key, direction) : canvas.activeKey;
    if (states[key]) {
        canvas.focusCard(key);
    }
}

/** Move a card by a step, or a row among its siblings. */
function shift(canvas, direction, row, card) {
    const [x, y] = STEPS[direction];
    if (!row) {
        return card && canvas.nudge(card.dataset.key, x, y);
    }
    const { part, key } = row.dataset;
    const rows = [...card.querySelectorAll(`.o_flow_row[data-part=${part}]`)];
    const keys = rows.map((one) => one.dataset.key);
    const from = keys.indexOf(key);
    const to = from + Math.sign(y);
    if (y && to >= 0 && to < keys.length) {
        keys.splice(from, 1);
        keys.splice(to, 0, key);
        return canvas.order(part, keys, key);
    }
}
