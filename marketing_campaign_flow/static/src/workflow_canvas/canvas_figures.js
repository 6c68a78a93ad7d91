/** Figures of a running campaign in a picture that stays as it is, pure. */

const MAPS = ["states", "transitions", "actions"];

/**
 * A picture with other figures; null where the cards would be higher or lower, which the server has
 * to lay out.
 *
 * @param {Object} picture
 * @param {Object} told ``states``, ``transitions``, ``actions``: figures by key; ``with_rates``, keys
 */
export function withFigures(picture, told) {
    const withRates = new Set(told.with_rates);
    // What a draft has more than what was told about has no figures of its own yet.
    const known = Object.values(picture.actions).filter((action) => told.actions[action.key]);
    if (known.some((action) => action.has_rates !== withRates.has(action.key))) {
        return null;
    }
    const shown = { ...picture };
    for (const map of MAPS) {
        shown[map] = Object.fromEntries(
            Object.entries(picture[map]).map(([key, part]) => [
                key,
                told[map][key] ? { ...part, figures: told[map][key] } : part,
            ])
        );
    }
    return shown;
}
