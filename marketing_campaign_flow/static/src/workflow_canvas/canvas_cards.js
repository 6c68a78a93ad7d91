/**
 * What cards show, pure: a card is what the picture says of one state. Whatever an answer of the
 * server did not change keeps its identity, so that only what did is drawn anew.
 */

import { heightOf } from "./canvas_geometry";

const MAPS = ["states", "transitions", "actions"];

function same(one, other) {
    return one === other || JSON.stringify(one) === JSON.stringify(other);
}

/** A picture with the parts of the one before it where nothing about them is different. */
export function keepSame(before, picture) {
    const kept = { ...picture };
    if (before && same(before.sizes, picture.sizes)) {
        kept.sizes = before.sizes;
    }
    for (const map of MAPS) {
        kept[map] = {};
        for (const [key, part] of Object.entries(picture[map])) {
            const known = before?.[map][key];
            kept[map][key] = known && same(known, part) ? known : part;
        }
    }
    return kept;
}

/** What the card of a state shows: `state`, `actions`, how many are hidden, `ways`, `height`. */
function cardOf(state, picture) {
    const { rows, sizes, editable } = picture;
    const all = state.actions.map((key) => picture.actions[key]);
    const actions = all.length > rows ? all.slice(0, rows - 1) : all;
    const ways = state.transitions.map((key) => {
        const way = picture.transitions[key];
        return {
            way,
            target: picture.states[way.target]?.name,
            actions: way.actions.map((one) => picture.actions[one]),
        };
    });
    return {
        state,
        editable,
        actions,
        hidden: all.length - actions.length,
        ways,
        width: sizes.width,
        height: heightOf(state, picture),
    };
}

function contentOf({ state, editable, actions, hidden, ways, width, height }) {
    return [
        state, editable, hidden, width, height, ...actions,
        ...ways.flatMap((one) => [one.way, one.target, ...one.actions]),
    ];
}

/**
 * The cards of a picture by the keys of their states.
 *
 * @param {Object} picture
 * @param {Object} [before] cards that were shown; what is the same in them is taken over
 */
export function cardsOf(picture, before = {}) {
    const cards = {};
    for (const [key, state] of Object.entries(picture.states)) {
        const card = cardOf(state, picture);
        const known = before[key];
        const content = contentOf(card);
        const was = known ? contentOf(known) : [];
        const isSame =
            was.length === content.length && was.every((one, index) => one === content[index]);
        cards[key] = isSame ? known : card;
    }
    return cards;
}
