import { bounds, boxOf, routes } from "./canvas_geometry";
import { fit, revealing, zoomed } from "./canvas_viewpoint";

const READABLE = 0.6;

/** What of the picture is seen, and how large; what is dragged or zoomed is moved here directly. */
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
        const { width, height } = this.viewportRect();
        const frame = { x: -x / scale, y: -y / scale, width: width / scale, height: height / scale };
        for (const name of this.frameEl ? Object.keys(frame) : []) {
            this.frameEl.setAttribute(name, frame[name]);
        }
        const percent = Math.round(scale * 100);
        if (percent !== this.state.percent) {
            this.state.percent = percent;
        }
    }

    /** What was dragged has been moved behind the back of what draws it. */
    catchUp() {
        this.applyView();
        for (const key of this.draggedCards) {
            const state = this.picture.states[key];
            const el = state && this.cardEl(key);
            if (el) {
                el.style.transform = `translate(${state.x}px, ${state.y}px)`;
            }
        }
        if (this.draggedArrows.size) {
            const paths = routes(this.picture);
            for (const key of this.draggedArrows) {
                this.arrowEls(key).forEach((el) => paths[key] && el.setAttribute("d", paths[key]));
            }
        }
    }

    setFrame(el) {
        this.frameEl = el;
        this.applyView();
    }

    /** Show everything; at first, as much of it as can be read. */
    fit(least = undefined) {
        const { width, height } = this.viewportRect();
        this.view = fit(bounds(this.picture), { width, height }, least);
        this.moved = false;
        this.applyView();
    }

    onResized() {
        if (!this.moved && !this.state.panel) {
            this.fit(READABLE);
        }
    }

    zoom(factor, point = null) {
        const { width, height } = this.viewportRect();
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
        const { width, height } = this.viewportRect();
        const { scale } = this.view;
        this.setView({ scale, x: width / 2 - x * scale, y: height / 2 - y * scale });
    }

    reveal(key) {
        const { width, height } = this.viewportRect();
        const box = boxOf(this.picture.states[key], this.picture);
        const view = revealing(this.view, box, { width, height });
        if (view.x !== this.view.x || view.y !== this.view.y) {
            this.setView(view);
        }
    }

    async toggleFull() {
        this.state.full = !this.state.full;
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

    redraw() {
        this.model.foresee(() => {});
    }
};
