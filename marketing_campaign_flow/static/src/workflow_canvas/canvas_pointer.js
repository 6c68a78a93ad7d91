import { boxOf, curve, entryOf, portOf, routes, rowAt } from "./canvas_geometry";
import { toPicture, zoomed } from "./canvas_viewpoint";

const THRESHOLD = 4;

function place(el, { x, y }) {
    el.style.transform = `translate(${x}px, ${y}px)`;
}

/**
 * What a mouse, a pen or fingers do to the picture: move it, zoom it, drag cards, draw arrows, put
 * rows in another order.
 *
 * While something is dragged only what moves is touched, and no component is drawn anew.
 */
export class CanvasPointer {
    /**
     * @param {Object} canvas the component: gives `model`, `view`, the elements and what to do at
     *  the end of a gesture
     */
    constructor(canvas) {
        this.canvas = canvas;
        this.pointers = new Map();
        this.gesture = null;
    }

    get picture() {
        return this.canvas.model.canvas;
    }

    point(ev) {
        const { left, top } = this.canvas.viewportRect();
        return { x: ev.clientX - left, y: ev.clientY - top };
    }

    onDown(ev) {
        if (ev.button > 1 || ev.target.closest("input, .o_flow_ignore_pointer")) {
            return;
        }
        this.pointers.set(ev.pointerId, this.point(ev));
        if (this.pointers.size === 2) {
            this.cancel();
            this.gesture = new Pinch(this);
            return;
        }
        const gesture = this.begin(ev);
        this.gesture = gesture;
        this.start = { x: ev.clientX, y: ev.clientY, moved: false, id: ev.pointerId };
    }

    begin(ev) {
        const { editable } = this.picture;
        const card = ev.target.closest(".o_flow_card");
        if (this.canvas.spaceIsDown || ev.button === 1) {
            return new Pan(this, ev);
        }
        if (editable && ev.target.closest(".o_flow_port")) {
            return new Connect(this, ev.target.closest(".o_flow_port").dataset);
        }
        if (editable && ev.target.closest(".o_flow_grip")) {
            return new Reorder(this, ev.target.closest(".o_flow_row"));
        }
        if (editable && card) {
            return new Drag(this, card, ev);
        }
        return new Pan(this, ev);
    }

    onMove(ev) {
        if (!this.pointers.has(ev.pointerId)) {
            return;
        }
        this.pointers.set(ev.pointerId, this.point(ev));
        if (!this.gesture) {
            return;
        }
        const start = this.start;
        const far =
            Math.abs(ev.clientX - start.x) > THRESHOLD || Math.abs(ev.clientY - start.y) > THRESHOLD;
        if (!start.moved && far) {
            start.moved = true;
            this.canvas.viewportEl.setPointerCapture(ev.pointerId);
            this.gesture.start?.();
        }
        if (start.moved) {
            ev.preventDefault();
            this.gesture.move(this.point(ev), ev);
        }
    }

    onUp(ev) {
        this.pointers.delete(ev.pointerId);
        const { gesture, start } = this;
        if (gesture && (start.id === ev.pointerId || gesture instanceof Pinch)) {
            this.gesture = null;
            if (start.moved) {
                this.canvas.swallowClick();
                gesture.end?.(this.point(ev), ev);
            }
        }
    }

    /** Let go without doing anything. */
    cancel() {
        const { gesture, start } = this;
        this.gesture = null;
        if (gesture && start?.moved) {
            gesture.cancel?.();
        }
    }

    onCancel(ev) {
        this.pointers.delete(ev.pointerId);
        this.cancel();
    }

    /** The card under a point of the screen. */
    cardAt(ev) {
        const found = document.elementsFromPoint(ev.clientX, ev.clientY);
        return found.map((el) => el.closest(".o_flow_card")).find(Boolean) || null;
    }
}

class Pan {
    constructor(pointer, ev) {
        this.pointer = pointer;
        this.from = pointer.point(ev);
        this.view = { ...pointer.canvas.view };
    }

    start() {
        this.pointer.canvas.viewportEl.classList.add("o_flow_panning");
    }

    move({ x, y }) {
        const { view, from } = this;
        this.pointer.canvas.setView({
            ...view,
            x: view.x + x - from.x,
            y: view.y + y - from.y,
        });
    }

    end() {
        this.cancel();
    }

    cancel() {
        this.pointer.canvas.viewportEl.classList.remove("o_flow_panning");
    }
}

class Pinch {
    constructor(pointer) {
        this.pointer = pointer;
        this.view = { ...pointer.canvas.view };
        this.from = this.measure();
    }

    measure() {
        const [a, b] = [...this.pointer.pointers.values()];
        return {
            distance: Math.hypot(a.x - b.x, a.y - b.y) || 1,
            middle: { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 },
        };
    }

    move() {
        if (this.pointer.pointers.size < 2) {
            return;
        }
        const { distance, middle } = this.measure();
        const view = zoomed(this.view, distance / this.from.distance, this.from.middle);
        this.pointer.canvas.setView({
            ...view,
            x: view.x + middle.x - this.from.middle.x,
            y: view.y + middle.y - this.from.middle.y,
        });
    }
}

/**
 * Drags the selected cards, and the arrows that hang on them. The picture stays as it is: it is the
 * elements that are moved, and put back before the picture is drawn with the cards elsewhere.
 */
class Drag {
    constructor(pointer, card, ev) {
        this.pointer = pointer;
        this.from = toPicture(pointer.canvas.view, pointer.point(ev));
        this.keys = pointer.canvas.draggedWith(card.dataset.key);
    }

    start() {
        const { picture, canvas } = this.pointer;
        this.was = Object.fromEntries(this.keys.map((key) => [key, picture.states[key]]));
        this.now = { ...this.was };
        this.cards = this.keys
            .map((key) => [key, canvas.cardEl(key)])
            .filter(([, el]) => el); // large pictures are drawn little by little
        this.cards.forEach(([, el]) => el.classList.add("o_flow_dragged"));
        this.arrows = Object.values(picture.transitions)
            .filter((way) => this.keys.includes(way.source) || this.keys.includes(way.target))
            .map((way) => [way, canvas.arrowEls(way.key)])
            .filter(([way, els]) => els.length && way.target && way.source);
    }

    move(point) {
        const { picture, canvas } = this.pointer;
        const { x, y } = toPicture(canvas.view, point);
        for (const key of this.keys) {
            const was = this.was[key];
            this.now[key] = { ...was, x: was.x + x - this.from.x, y: was.y + y - this.from.y };
        }
        const stateAt = (key) => this.now[key] || picture.states[key];
        this.cards.forEach(([key, el]) => place(el, this.now[key]));
        for (const [way, els] of this.arrows) {
            const [source, target] = [stateAt(way.source), stateAt(way.target)];
            if (source && target) {
                const path = curve(portOf(source, way.key, picture), entryOf(target, picture));
                els.forEach((el) => el.setAttribute("d", path));
            }
        }
    }

    end() {
        this.cancel();
        const { picture, canvas } = this.pointer;
        const there = this.keys.filter((key) => picture.states[key]); // a colleague may be at work
        if (there.length) {
            canvas.onCardsDropped(Object.fromEntries(there.map((key) => [key, this.now[key]])));
        }
    }

    cancel() {
        const { picture } = this.pointer;
        const paths = routes(picture);
        for (const [key, el] of this.cards) {
            el.classList.remove("o_flow_dragged");
            place(el, picture.states[key] || this.was[key]);
        }
        for (const [way, els] of this.arrows) {
            els.forEach((el) => paths[way.key] && el.setAttribute("d", paths[way.key]));
        }
    }
}

/** Draws an arrow from a card, a way or the band, to a card or to where a new one is to stand. */
class Connect {
    constructor(pointer, { source, way }) {
        this.pointer = pointer;
        this.source = source || null;
        this.way = way || null;
    }

    start() {
        const { picture, canvas } = this.pointer;
        const state = picture.states[this.source];
        if (state) {
            const box = boxOf(state, picture);
            this.from = this.way
                ? portOf(state, this.way, picture)
                : { x: box.x + box.width, y: box.y + picture.sizes.head / 2 };
        }
        canvas.showDraft(true);
    }

    move(point, ev) {
        const { canvas } = this.pointer;
        const to = toPicture(canvas.view, point);
        this.from = this.from || to;
        canvas.draftEl.setAttribute("d", curve(this.from, to));
        const card = this.pointer.cardAt(ev);
        if (card !== this.over) {
            this.over?.classList.remove("o_flow_aimed");
            card?.classList.add("o_flow_aimed");
            this.over = card;
        }
    }

    end(point) {
        const { canvas } = this.pointer;
        const { x, y } = toPicture(canvas.view, point);
        const target = this.over?.dataset.key;
        this.cancel();
        canvas.onArrowDrawn({ source: this.source, way: this.way, target, at: [x, y] });
    }

    cancel() {
        this.over?.classList.remove("o_flow_aimed");
        this.pointer.canvas.showDraft(false);
    }
}

/** Drags a row of a card among those of its kind. */
class Reorder {
    constructor(pointer, row) {
        this.pointer = pointer;
        this.row = row;
    }

    start() {
        const { part } = this.row.dataset;
        const rows = [...this.row.parentElement.querySelectorAll(`[data-part=${part}]`)];
        this.keys = rows.map((row) => row.dataset.key);
        this.others = rows.filter((row) => row !== this.row);
        this.middles = this.others.map((row) => {
            const { top, height } = row.getBoundingClientRect();
            return top + height / 2;
        });
        this.row.classList.add("o_flow_dragged");
    }

    move(_point, ev) {
        this.index = rowAt(ev.clientY, this.middles);
        this.others.forEach((row, index) => {
            row.classList.toggle("o_flow_before", index === this.index);
            row.classList.toggle("o_flow_after", index === this.index - 1);
        });
    }

    end() {
        this.cancel();
        const { key, part } = this.row.dataset;
        const keys = this.keys.filter((one) => one !== key);
        keys.splice(this.index, 0, key);
        if (keys.join() !== this.keys.join()) {
            this.pointer.canvas.order(part, keys);
        }
    }

    cancel() {
        this.row.classList.remove("o_flow_dragged");
        this.others.forEach((row) => row.classList.remove("o_flow_before", "o_flow_after"));
    }
}
