/**
 * What is seen of the picture, pure: a view is a scale, and where the origin of the picture lies on
 * the screen.
 */

const MIN_SCALE = 0.1;
const MAX_SCALE = 2;
const TOP_MARGIN = 12;

/**
 * Where something begins on the screen that is too long for it: with a point of it in the middle,
 * and without a gap at its ends.
 */
function around(point, from, to, room, scale) {
    const missing = room - (to - from) * scale;
    const start = Math.min(0, Math.max(missing, room / 2 - (point - from) * scale));
    return start - from * scale;
}

/**
 * The view that shows everything, never larger than full size.
 *
 * @param {number} [least] the smallest scale: rather than that, only a part is shown
 * @param {{x, y}} [first] what that part is to show; otherwise the left upper corner
 */
export function fit(area, { width, height }, least = MIN_SCALE, first = null) {
    const across = Math.max(1, area.right - area.left);
    const down = Math.max(1, area.bottom - area.top);
    const scale = Math.max(least, Math.min(1, width / across, height / down));
    const view = {
        scale,
        x: Math.max(0, (width - across * scale) / 2) - area.left * scale,
        y: Math.max(0, Math.min(TOP_MARGIN, (height - down * scale) / 2)) - area.top * scale,
    };
    if (first && across * scale > width) {
        view.x = around(first.x, area.left, area.right, width, scale);
    }
    if (first && down * scale > height) {
        view.y = around(first.y, area.top, area.bottom, height, scale);
    }
    return view;
}

/** The view after zooming by a factor about a point of the screen. */
export function zoomed(view, factor, point) {
    const scale = Math.min(MAX_SCALE, Math.max(MIN_SCALE, view.scale * factor));
    const ratio = scale / view.scale;
    return {
        scale,
        x: point.x - (point.x - view.x) * ratio,
        y: point.y - (point.y - view.y) * ratio,
    };
}

/** The view after moving it just as far as it takes to show a box. */
export function revealing(view, box, { width, height }, margin = 24) {
    const shift = (start, length, room) => {
        let by = Math.min(0, room - margin - start - length);
        if (start + by < margin) {
            by = margin - start;
        }
        return by;
    };
    const { scale } = view;
    return {
        scale,
        x: view.x + shift(box.x * scale + view.x, box.width * scale, width),
        y: view.y + shift(box.y * scale + view.y, box.height * scale, height),
    };
}

/** A point of the screen in the picture. */
export function toPicture(view, point) {
    return { x: (point.x - view.x) / view.scale, y: (point.y - view.y) / view.scale };
}
