import { closestScrollableY } from "@web/core/utils/scrolling";

import { bounds, boxOf, cardsBounds } from "./canvas_geometry";
import { fit, revealing, zoomed } from "./canvas_viewpoint";

const READABLE = 0.6;
const FAR = 0.35; // from here on rows are too small to be read

/** What of the picture is seen, and how large; what is dragged or zoomed is moved here directly. */
// How pictures looked when somebody went from them to the people behind a number, by workflow.
const left = new Map();

export const Viewing = (Canvas) => class extends Canvas {
    get viewportEl() {
        return this.viewport.el;
    }

    get draftEl() {
        return this.draft.el;
    }

    viewportRect() {
        return this.viewportEl.getBoundingClientRect();
    }

    cardEl(key) {
        return this.world.el.querySelector(`.o_flow_card[data-key="${key}"]`);
    }

    arrowEls(key) {
        return [...this.world.el.querySelectorAll(`path[data-way="${key}"]`)];
    }

    setView(view) {
        this.view = view;
        this.moved = true;
        this.applyView();
    }

    applyView() {
        const { x, y, scale } = this.view;
        this.world.el.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
        this.world.el.classList.toggle("o_flow_far", scale < FAR);
        const { width, height } = this.room;
        const frame = { x: -x / scale, y: -y / scale, width: width / scale, height: height / scale };
        for (const name of this.frameEl ? Object.keys(frame) : []) {
            this.frameEl.setAttribute(name, frame[name]);
        }
        this.frameEl?.parentElement.classList.toggle("o_flow_all_seen", this.seesAll(frame));
        const percent = Math.round(scale * 100);
        if (percent !== this.state.percent) {
            this.state.percent = percent;
        }
    }

    /** Whether every card is in the frame: then a map would only cover some of them. */
    seesAll({ x, y, width, height }) {
        const { left, top, right, bottom } = cardsBounds(this.picture);
        return left >= x && top >= y && right <= x + width && bottom <= y + height;
    }

    setFrame(el) {
        this.frameEl = el;
        this.applyView();
    }

    /** Show everything; at first, as much of it as can be read, with the start. */
    fit(least = undefined) {
        const first = this.picture.states[this.activeKey];
        this.view = fit(bounds(this.picture), this.room, least, first);
        this.moved = false;
        this.applyView();
    }

    /** Tell the style sheet how much stands above, wherever the page is scrolled to. */
    takeRoom() {
        const { el } = this.root;
        const above = el.getBoundingClientRect().top + (closestScrollableY(el)?.scrollTop || 0);
        el.style.setProperty("--flow-above", `${Math.round(above)}px`);
    }

    /** @param {{width, height}} room what there is for the picture, in pixels of the screen */
    onResized({ width, height }) {
        this.room = { width, height };
        if (!this.moved && !this.state.panel) {
            this.fit(READABLE);
        } else {
            this.applyView();
        }
    }

    zoom(factor, point = null) {
        const { width, height } = this.room;
        this.setView(
            zoomed(this.view, factor, point || { x: width / 2, y: height / 2 })
        );
    }

    /** The wheel scrolls the page until one is at work in the picture. */
    onWheel(ev) {
        const atWork = this.state.full || this.root.el.contains(document.activeElement);
        if (ev.ctrlKey || ev.metaKey || atWork) {
            ev.preventDefault();
            const delta = ev.deltaMode ? ev.deltaY * 30 : ev.deltaY;
            this.zoom(Math.exp(-delta / 500), this.pointer.point(ev));
        }
    }

    goTo({ x, y }) {
        const { width, height } = this.room;
        const { scale } = this.view;
        this.setView({ scale, x: width / 2 - x * scale, y: height / 2 - y * scale });
    }

    reveal(key) {
        const box = boxOf(this.picture.states[key], this.picture);
        const view = revealing(this.view, box, this.room);
        if (view.x !== this.view.x || view.y !== this.view.y) {
            this.setView(view);
        }
    }

    /** Somebody goes to the people behind a number: the picture is to be found again as it was. */
    leaveForAWhile() {
        left.set(this.picture.id, { view: this.view, isFull: this.state.full });
    }

    /** Take up what was left, once. */
    comeBack() {
        const before = left.get(this.props.workflowId);
        left.delete(this.props.workflowId);
        if (before) {
            this.view = before.view;
            this.state.full = before.isFull;
            this.props.onFull?.(before.isFull);
            this.moved = true;
        }
    }

    async toggleFull() {
        this.state.full = !this.state.full;
        this.props.onFull?.(this.state.full);
        this.moved = false;
    }

    holdSpace(isDown) {
        this.spaceIsDown = isDown;
    }

    swallowClick() {
        this.swallowing = true;
        setTimeout(() => (this.swallowing = false));
    }

    onClickCapture(ev) {
        if (this.swallowing) {
            this.swallowing = false;
            ev.stopPropagation();
            ev.preventDefault();
        }
    }
};
