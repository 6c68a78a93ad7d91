/** What charts are made of; pure, no component and no server. */

const LEVELS = 5;

/**
 * The data of a line chart of what happened day by day.
 *
 * @param {Object} days - `days` of the monitor's figures
 * @param {(index: number, count: number) => string} color
 */
export function linesOf(days, color) {
    return {
        labels: days.labels,
        datasets: days.series.map(({ label, values }, index) => ({
            label,
            data: values,
            borderColor: color(index, days.series.length),
            backgroundColor: color(index, days.series.length),
            borderWidth: 2,
            pointRadius: days.labels.length > 1 ? 2 : 4,
            pointHitRadius: 12,
            cubicInterpolationMode: "monotone",
        })),
    };
}

/**
 * The data of a burn-down: what is left of the budget after each day on which something was spent.
 *
 * @param {Object} money - `money` of the monitor's figures
 * @param {string} label
 * @param {(index: number, count: number) => string} color
 * @param {string} beginning - what the point before the first day is called
 */
export function burnDownOf(money, label, color, beginning) {
    return {
        labels: [beginning, ...money.points.map((point) => point.label)],
        datasets: [
            {
                label,
                data: [money.planned, ...money.points.map((point) => point.left)],
                borderColor: color(0, 1),
                backgroundColor: color(0, 1),
                borderWidth: 2,
                pointRadius: 3,
                pointHitRadius: 12,
                stepped: true,
            },
        ],
    };
}

/**
 * How dark a cell of the heat map is, from 0 (nothing) to 5 (the most there is).
 *
 * @param {number} value
 * @param {number} most - the largest value of the map
 */
export function heatLevel(value, most) {
    return value > 0 && most > 0 ? Math.max(1, Math.ceil((LEVELS * value) / most)) : 0;
}

/**
 * Width of a bar in percent, at least a sliver where there is anything at all.
 *
 * @param {number} part
 * @param {number} whole
 */
export function barWidth(part, whole) {
    if (part <= 0 || whole <= 0) {
        return 0;
    }
    return Math.min(100, Math.max(1, Math.round((100 * part) / whole)));
}

/**
 * The entries of a feed when its first page was read again: what is new comes first. Where more came
 * meanwhile than a page holds, the old entries would leave a gap, and are let go.
 *
 * @param {Object[]} known - the entries so far, the latest first
 * @param {Object[]} page - the latest entries there are
 */
export function mergeFeed(known, page) {
    const oldest = page.at(-1)?.id;
    if (!known.length || oldest === undefined || oldest > known[0].id) {
        return page;
    }
    return [...page, ...known.filter((entry) => entry.id < oldest)];
}
