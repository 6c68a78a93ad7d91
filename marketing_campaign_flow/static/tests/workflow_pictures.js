/** Pictures of workflows for tests, as the server tells them. */

export const SIZES = {
    width: 224, head: 46, action: 40, rates: 18, way: 28, foot: 8, column_gap: 96, row_gap: 36,
};

const PART = { problems: [], change: false, figures: null };

export function state(key, values = {}) {
    return {
        ...PART, id: 1, part: "state", key, name: key, kind: "normal", kind_name: "Normal", color: 0,
        lane: 0, phase_id: false, x: 0, y: 0, actions: [], transitions: [], ...values,
    };
}

export function way(key, source, target, values = {}) {
    return {
        ...PART, id: 2, part: "transition", key, source, target, words: key, reason: "",
        trigger: "done", guarded: false, actions: [], ...values,
    };
}

export function action(key, owner, values = {}) {
    return {
        ...PART, id: 3, part: "action", key, kind: "email", icon: "fa-envelope-o", title: key,
        when: "", owner: ["state", owner], has_rates: false, ...values,
    };
}

const byKey = (parts) => Object.fromEntries(parts.map((part) => [part.key, part]));

export function picture(states = [], ways = [], values = {}, actions = []) {
    return {
        id: 7, revision: 1, editable: true, campaign_id: 3, can_renew: false, status: "draft",
        version: 1, running: false, arranged: true, sizes: SIZES, rows: 8,
        lanes: [{ id: false, name: "At any time" }], states: byKey(states),
        transitions: byKey(ways), actions: byKey(actions), any: [], removed: [], problems: [],
        ...values,
    };
}
